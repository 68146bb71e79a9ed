namespace SimNet.Models;

/// <summary>Adam (Kingma and Ba, 2015, algorithm 1), in PyTorch's form: bias-corrected moments, epsilon outside the root.</summary>
public sealed record Adam : Optimizer
{
    /// <summary>Decay of the first moment; 0.9 by default, in [0, 1).</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of the second moment; 0.999 by default, in [0, 1).</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Keeps the quotient finite; 1e-8 by default, above 0.</summary>
    public float Epsilon { get; init; } = 1e-8f;
}
