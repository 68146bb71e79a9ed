namespace SimNet.Models;

/// <summary>A (transposed) convolution of a session: its kernel, its parameters and the groups' sums of their gradients.</summary>
internal sealed unsafe class ConvolutionOperator(ConvolutionKernel kernel, Shape output, Parameter weight, Parameter? bias)
{
    // Without a bias this one of zeros, which nobody learns or saves.
    private readonly PinnedBuffer<float> _bias = bias?.Value ?? new PinnedBuffer<float>(output.Channels);
    private PinnedBuffer<float>? _weightSums;
    private PinnedBuffer<float>? _biasSums;
    private int _groups;

    public ConvolutionKernel Kernel { get; } = kernel;

    public Parameter Weight { get; } = weight;

    public Parameter? Bias { get; } = bias;

    public void Pack() => Kernel.Pack(Weight.Value.Pointer, _bias.Pointer);

    /// <summary>Takes over the batch norm that follows: this session's copy of the parameters becomes that of both together. To be packed after.</summary>
    /// <param name="norm">The norm.</param>
    /// <param name="transposedGroups">Groups of a transposed convolution; null for the other kind.</param>
    public void Fold(BatchNormOperator norm, int? transposedGroups)
    {
        // Filters lie in the outer dimension; in a transposed convolution in the second, those of a group beside its share of the first.
        Span<float> weights = Weight.Value.Span[..Weight.Info.Count];
        int perKernel = Weight.Info.Dimensions[2] * Weight.Info.Dimensions[3];
        int across = Weight.Info.Dimensions[1];
        for (int i = 0; i < weights.Length; i++)
        {
            (int row, int column) = Math.DivRem(i / perKernel, across);
            int filter = transposedGroups is int groups ? row / (Weight.Info.Dimensions[0] / groups) * across + column : row;
            weights[i] = (float)(weights[i] * norm.InferenceScale(filter));
        }

        Span<float> bias = _bias.Span;
        for (int channel = 0; channel < output.Channels; channel++)
        {
            bias[channel] = (float)(bias[channel] * norm.InferenceScale(channel) + norm.InferenceShift(channel));
        }
    }

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

    /// <summary>A sample's input gradient, as <see cref="ConvolutionKernel.Backward"/> gives it, and, if it <paramref name="learns"/>, its parameter gradients added to its group's sums.</summary>
    public void Backward(Worker worker, bool learns, float* input, float* outputGradient, float* inputGradient, bool accumulate, Activation? inputActivation)
    {
        if (!learns)
        {
            Kernel.Backward(input, outputGradient, inputGradient, accumulate, inputActivation, null, null, worker.Scratch);
            return;
        }

        float* weightSum = _weightSums!.Pointer + (nint)worker.Group * Kernel.WeightSumLength;
        float* biasSum = _biasSums is null ? null : _biasSums.Pointer + (nint)worker.Group * output.Channels;
        if (worker.FirstOfGroup)
        {
            new Span<float>(weightSum, Kernel.WeightSumLength).Clear();
            new Span<float>(biasSum, biasSum == null ? 0 : output.Channels).Clear();
        }

        Kernel.Backward(input, outputGradient, inputGradient, accumulate, inputActivation, weightSum, biasSum, worker.Scratch);
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
