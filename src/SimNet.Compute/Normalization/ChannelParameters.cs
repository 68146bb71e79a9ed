namespace SimNet.Compute;

/// <summary>
/// The parameters of a layer norm or a parametric ReLU in a session, one value for each channel, and their gradients per group of samples.
/// </summary>
internal sealed unsafe class ChannelParameters(Parameter weight, Parameter? bias)
{
    private readonly int _channels = weight.Info.Count;
    private PinnedBuffer<float>? _sums;
    private int _groups;

    public Parameter Weight { get; } = weight;

    /// <summary>The bias; null for none.</summary>
    public Parameter? Bias { get; } = bias;

    /// <summary>Allocates gradient accumulators for this many groups.</summary>
    public void Reserve(int groups)
    {
        if (groups > _groups)
        {
            _sums = new PinnedBuffer<float>(2L * groups * _channels);
            _groups = groups;
        }
    }

    /// <summary>The accumulators of the sample's group: the weight's, followed by the bias's.</summary>
    public float* SumsOf(Worker worker)
    {
        float* sums = _sums!.Pointer + (2 * (nint)worker.Group * _channels);
        if (worker.FirstOfGroup)
        {
            new Span<float>(sums, 2 * _channels).Clear();
        }

        return sums;
    }

    /// <summary>Sums the groups' accumulators into the gradients of the parameters.</summary>
    public void Reduce(int groups)
    {
        for (int channel = 0; channel < _channels; channel++)
        {
            float weightTotal = 0, biasTotal = 0;
            for (int group = 0; group < groups; group++)
            {
                float* sums = _sums!.Pointer + (2 * (nint)group * _channels);
                weightTotal += sums[channel];
                biasTotal += sums[_channels + channel];
            }

            Weight.Gradient!.Pointer[channel] = weightTotal;
            if (Bias is not null)
            {
                Bias.Gradient!.Pointer[channel] = biasTotal;
            }
        }
    }
}
