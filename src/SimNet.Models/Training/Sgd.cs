namespace SimNet.Models;

/// <summary>Stochastic gradient descent with momentum, in PyTorch's form: v = momentum v + g, w = w - rate v.</summary>
public sealed record Sgd : Optimizer
{
    /// <summary>Share of the last step kept; 0.9 by default, 0 for none, in [0, 1).</summary>
    public float Momentum { get; init; } = 0.9f;
}
