namespace SimNet.Models;

/// <summary>How gradients become steps. Settings only; the session that uses it holds the state.</summary>
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>How strongly weights are drawn towards 0; 0, the default, for not at all. At least 0.</summary>
    public float WeightDecay { get; init; }

    /// <summary>
    /// Where decay acts. False, the default: this many times the weight is added to its gradient (L2 regularisation), as in PyTorch's
    /// <c>Adam</c> and <c>SGD</c>. True: each step first makes the weight smaller by rate times decay times itself, untouched by
    /// moments (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019), as in PyTorch's <c>AdamW</c>.
    /// </summary>
    public bool DecoupledWeightDecay { get; init; }

    /// <summary>Whether decay is for the weights of convolutions only and leaves biases and batch norm's scale and shift alone; false by default, as in PyTorch.</summary>
    public bool DecayKernelsOnly { get; init; }
}
