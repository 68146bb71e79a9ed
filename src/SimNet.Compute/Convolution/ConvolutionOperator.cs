namespace SimNet.Compute;

/// <summary>A (transposed) convolution of a session: its kernel, its parameters and the groups' sums of their gradients.</summary>
internal sealed unsafe class ConvolutionOperator(ConvolutionKernel kernel, Shape output, Parameter weight, Parameter? bias)
{
    // Without a bias this one of zeros, which nobody isTrained or saves.
    private readonly PinnedBuffer<float> _bias = bias?.Value ?? new PinnedBuffer<float>(output.Channels);
    private PinnedBuffer<float>? _weightSums;
    private PinnedBuffer<float>? _biasSums;
    private int _groups;

    public ConvolutionKernel Kernel { get; } = kernel;

    public Parameter Weight { get; } = weight;

    public Parameter? Bias { get; } = bias;

    public void Pack() => Kernel.Pack(Weight.Value.Pointer, _bias.Pointer);

    /// <summary>Makes room for this many groups' sums.</summary>
    public void Reserve(int groups)
    {
        if (groups > _groups)
        {
            _weightSums = new PinnedBuffer<float>((long)groups * Kernel.WeightSumLength);
            _biasSums = Bias is null ? null : new PinnedBuffer<float>((long)groups * output.Channels);
            _groups = groups;
        }
    }

    /// <summary>A sample's input gradient, as <see cref="ConvolutionKernel.Backward"/> gives it, and, if it <paramref name="isTrained"/>, its parameter gradients added to its group's sums.</summary>
    public void Backward(Worker worker, bool isTrained, float* input, float* outputGradient, float* inputGradient, bool accumulate, Activation? inputActivation)
    {
        if (!isTrained)
        {
            Kernel.Backward(input, outputGradient, inputGradient, accumulate, inputActivation, null, null, worker.Workspace);
            return;
        }

        float* weightSum = _weightSums!.Pointer + (nint)worker.Group * Kernel.WeightSumLength;
        float* biasSum = _biasSums is null ? null : _biasSums.Pointer + (nint)worker.Group * output.Channels;
        if (worker.FirstOfGroup)
        {
            new Span<float>(weightSum, Kernel.WeightSumLength).Clear();
            new Span<float>(biasSum, biasSum == null ? 0 : output.Channels).Clear();
        }

        Kernel.Backward(input, outputGradient, inputGradient, accumulate, inputActivation, weightSum, biasSum, worker.Workspace);
    }

    /// <summary>Adds up the groups' sums into the parameters' gradients.</summary>
    public void Reduce(int groups)
    {
        Kernel.ReduceWeights(_weightSums!.Pointer, groups, Weight.Gradient!.Pointer);
        for (int channel = 0; channel < output.Channels && Bias is not null; channel++)
        {
            float total = 0;
            for (int group = 0; group < groups; group++)
            {
                total += _biasSums!.Pointer[(nint)group * output.Channels + channel];
            }

            Bias.Gradient!.Pointer[channel] = total;
        }
    }
}
