namespace SimNet.Models;

/// <summary>A (transposed) convolution of a session: its kernel, its parameters and the groups' sums of their gradients.</summary>
internal sealed unsafe class ConvolutionOperator(ConvolutionKernel kernel, Shape output, Parameter weight, Parameter bias)
{
    private PinnedBuffer<float>? _weightSums;
    private PinnedBuffer<float>? _biasSums;
    private int _groups;

    public ConvolutionKernel Kernel { get; } = kernel;

    public Parameter Weight { get; } = weight;

    public Parameter Bias { get; } = bias;

    public void Pack() => Kernel.Pack(Weight.Value.Pointer, Bias.Value.Pointer);

    /// <summary>Takes over the batch norm that follows: this session's copy of the parameters becomes that of both together. To be packed after.</summary>
    public void Fold(BatchNormOperator norm, bool transposed)
    {
        // Filters lie in the outer dimension, in a transposed convolution in the second.
        Span<float> weights = Weight.Value.Span[..Weight.Info.Count];
        int perFilter = Weight.Info.Dimensions[2] * Weight.Info.Dimensions[3] * (transposed ? 1 : Weight.Info.Dimensions[1]);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] * norm.InferenceScale(i / perFilter % output.Channels));
        }

        Span<float> bias = Bias.Value.Span;
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
            _biasSums = new PinnedBuffer<float>((long)groups * output.Channels);
            _groups = groups;
        }
    }

    /// <summary>A sample's input gradient, as <see cref="ConvolutionKernel.Backward"/> gives it, and, if it <paramref name="learns"/>, its parameter gradients added to its group's sums.</summary>
    public void Backward(Worker worker, bool learns, float* input, float* outputGradient, float* inputGradient, bool accumulate, float? inputSlope)
    {
        if (!learns)
        {
            Kernel.Backward(input, outputGradient, inputGradient, accumulate, inputSlope, null, null, worker.Scratch);
            return;
        }

        float* weightSum = _weightSums!.Pointer + (nint)worker.Group * Kernel.WeightSumLength;
        float* biasSum = _biasSums!.Pointer + (nint)worker.Group * output.Channels;
        if (worker.FirstOfGroup)
        {
            new Span<float>(weightSum, Kernel.WeightSumLength).Clear();
            new Span<float>(biasSum, output.Channels).Clear();
        }

        Kernel.Backward(input, outputGradient, inputGradient, accumulate, inputSlope, weightSum, biasSum, worker.Scratch);
    }

    /// <summary>Adds up the groups' sums into the parameters' gradients.</summary>
    public void Reduce(int groups)
    {
        Kernel.ReduceWeights(_weightSums!.Pointer, groups, Weight.Gradient!.Pointer);
        for (int channel = 0; channel < output.Channels; channel++)
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
