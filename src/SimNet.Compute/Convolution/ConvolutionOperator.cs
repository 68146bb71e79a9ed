namespace SimNet.Compute;

/// <summary>
/// A convolution or transposed convolution in a session: its kernel, its parameters, and their gradients per group of samples.
/// </summary>
internal sealed unsafe class ConvolutionOperator(ConvolutionKernel kernel, Shape output, Parameter weight, Parameter? bias)
{
    // A layer without a bias uses zeros, which are neither trained nor saved.
    private readonly PinnedBuffer<float> _bias = bias?.Value ?? new PinnedBuffer<float>(output.Channels);
    private PinnedBuffer<float>? _weightSums;
    private PinnedBuffer<float>? _biasSums;
    private int _groups;

    public ConvolutionKernel Kernel { get; } = kernel;

    public Parameter Weight { get; } = weight;

    public Parameter? Bias { get; } = bias;

    public void Pack() => Kernel.Pack(Weight.Value.Pointer, _bias.Pointer);

    /// <summary>Allocates gradient accumulators for this many groups.</summary>
    public void Reserve(int groups)
    {
        if (groups > _groups)
        {
            _weightSums = new PinnedBuffer<float>((long)groups * Kernel.WeightSumLength);
            _biasSums = Bias is null ? null : new PinnedBuffer<float>((long)groups * output.Channels);
            _groups = groups;
        }
    }

    /// <summary>
    /// Computes the input gradient of a sample (see <see cref="ConvolutionKernel.Backward"/>) and, if <paramref name="isTrained"/>, adds
    /// the parameter gradients to the accumulators of the sample's group.
    /// </summary>
    public void Backward(
        Worker worker,
        bool isTrained,
        float* input,
        float* outputGradient,
        float* inputGradient,
        bool accumulate,
        Activation? inputActivation)
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

    /// <summary>Sums the groups' accumulators into the gradients of the parameters.</summary>
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
