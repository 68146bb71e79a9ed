namespace SimNet.Models;

/// <summary>The optimizer, which updates parameters by their gradients. Holds only its settings; the session holds the state.</summary>
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>The weight decay coefficient; 0, the default, for none. At least 0.</summary>
    public float WeightDecay { get; init; }

    /// <summary>
    /// Whether weight decay is decoupled from the gradient; false by default. If false, decay times weight is added to the gradient (L2
    /// regularization), as in PyTorch's <c>Adam</c> and <c>SGD</c>. If true, each step first subtracts learning rate times decay times
    /// weight from the weight (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019), as in PyTorch's <c>AdamW</c>.
    /// </summary>
    public bool DecoupledWeightDecay { get; init; }

    /// <summary>
    /// Whether weight decay applies only to the weights of convolutions and not to biases and batch norm; false by default, as in PyTorch.
    /// </summary>
    public bool DecayKernelsOnly { get; init; }
}
