namespace SimNet.Models;

/// <summary>How gradients become steps. Settings only; the session that uses it holds the state.</summary>
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>Added to the gradient as this many times the weight (L2 regularisation); 0, the default, for none. At least 0.</summary>
    public float WeightDecay { get; init; }
}
