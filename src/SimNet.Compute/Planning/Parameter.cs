namespace SimNet.Compute;

/// <summary>One parameter: its values and, in training, its gradient and what the optimizer remembers of it.</summary>
internal sealed class Parameter(ParameterInfo info)
{
    public ParameterInfo Info { get; } = info;

    public PinnedBuffer<float> Value { get; } = Create(info);

    /// <summary>The last step's gradient; null where none is needed.</summary>
    public PinnedBuffer<float>? Gradient { get; private set; }

    /// <summary>1 for each weight that isTrained and 0 for each that stays 0; null where all learn.</summary>
    public float[]? Mask { get; private set; }

    /// <summary>Adam's first moment or gradient descent's momentum buffer.</summary>
    public PinnedBuffer<float>? Moment { get; private set; }

    /// <summary>Adam's second moment.</summary>
    public PinnedBuffer<float>? SecondMoment { get; private set; }

    /// <summary>Whether these are a convolution's weights, rather than a bias or a norm's.</summary>
    public bool IsKernel => Info.Dimensions.Length == 4;

    public void PrepareTraining(Optimizer optimizer, bool keepZeros)
    {
        Span<float> values = Value.Span[..Info.Count];
        if (keepZeros && IsKernel && values.Contains(0))
        {
            Mask = new float[values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                Mask[i] = values[i] == 0 ? 0 : 1;
            }
        }

        Gradient = Create(Info);
        Moment = Create(Info);
        SecondMoment = optimizer is Adam ? Create(Info) : null;
    }

    /// <summary>Checks that a tensor is there and has this parameter's shape.</summary>
    public WeightTensor Check(StateDict tensors, string name, string argument) => OptimizerState.GetTensor(tensors, name, Info, argument);

    /// <summary>Copies a tensor of this parameter's shape.</summary>
    public void Read(StateDict tensors, string name, PinnedBuffer<float> target, string argument)
        => Check(tensors, name, argument).Values.Span.CopyTo(target.Span);

    public WeightTensor Export(PinnedBuffer<float> values) => new(Info.Dimensions, values.Span[..Info.Count].ToArray());

    private static PinnedBuffer<float> Create(ParameterInfo info)
        => new((info.Count + ElementKernel.Multiple - 1) / ElementKernel.Multiple * ElementKernel.Multiple);
}
