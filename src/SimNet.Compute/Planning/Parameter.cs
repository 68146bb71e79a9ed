namespace SimNet.Compute;

/// <summary>One parameter: its values and, in training, its gradient and optimizer state.</summary>
internal sealed class Parameter(ParameterInfo info)
{
    public ParameterInfo Info { get; } = info;

    public PinnedBuffer<float> Value { get; } = Create(info);

    /// <summary>The gradient of the last step; null if the parameter is not trained.</summary>
    public PinnedBuffer<float>? Gradient { get; private set; }

    /// <summary>1 for each weight that is trained and 0 for each that stays 0; null if all are trained.</summary>
    public float[]? Mask { get; private set; }

    /// <summary>The first moment of Adam, or the momentum buffer of stochastic gradient descent.</summary>
    public PinnedBuffer<float>? Moment { get; private set; }

    /// <summary>The second moment of Adam.</summary>
    public PinnedBuffer<float>? SecondMoment { get; private set; }

    /// <summary>Whether these are the weights of a convolution, as opposed to a bias or the parameters of a norm.</summary>
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

    /// <summary>Checks that a tensor exists and has the shape of this parameter.</summary>
    public WeightTensor Check(StateDict tensors, string name, string argument) => TensorValidation.GetTensor(tensors, name, Info, argument);

    /// <summary>Copies a tensor that has the shape of this parameter.</summary>
    public void Read(StateDict tensors, string name, PinnedBuffer<float> target, string argument)
        => Check(tensors, name, argument).Values.Span.CopyTo(target.Span);

    public WeightTensor Export(PinnedBuffer<float> values) => new(Info.Dimensions, values.Span[..Info.Count].ToArray());

    private static PinnedBuffer<float> Create(ParameterInfo info)
        => new((info.Count + ElementKernel.Multiple - 1) / ElementKernel.Multiple * ElementKernel.Multiple);
}
