namespace SimNet.Models;

/// <summary>
/// Adam (Kingma and Ba, 2015, algorithm 1) in the form of PyTorch: bias-corrected moments, epsilon outside the square root.
/// </summary>
public sealed record Adam : Optimizer
{
    /// <summary>The decay rate of the first moment; 0.9 by default. In [0, 1).</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>The decay rate of the second moment; 0.999 by default. In [0, 1).</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>The number added to the denominator for numerical stability; 1e-8 by default. Greater than 0.</summary>
    public float Epsilon { get; init; } = 1e-8f;
}
