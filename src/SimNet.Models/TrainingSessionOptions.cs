namespace SimNet.Models;

/// <summary>What a training session minimises and how.</summary>
public sealed record TrainingSessionOptions
{
    /// <summary>The loss; mean squared error by default.</summary>
    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>The optimizer; <see cref="Adam"/> with its usual settings by default.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>Names what the session draws: the values that <see cref="Dropout"/> drops. 0 by default.</summary>
    public int Seed { get; init; }
}
