namespace SimNet.Models;

/// <summary>Stochastic gradient descent with momentum, in the form of PyTorch: v = momentum v + g, w = w - rate v.</summary>
public sealed record Sgd : Optimizer
{
    /// <summary>The momentum factor; 0.9 by default, 0 for none. In [0, 1).</summary>
    public float Momentum { get; init; } = 0.9f;
}
