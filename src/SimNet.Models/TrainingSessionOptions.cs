using System.Collections.Immutable;

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

    /// <summary>Layers that do not learn; see <see cref="TrainerOptions.FrozenLayers"/>. None by default.</summary>
    public ImmutableArray<string> FrozenLayers { get; init; } = [];

    /// <summary>Whether weights that the session begins with as 0 stay so; see <see cref="TrainerOptions.KeepZeros"/>. False by default.</summary>
    public bool KeepZeros { get; init; }

    /// <summary>The most that a step's gradient may measure; see <see cref="TrainerOptions.MaxGradientNorm"/>. 0, the default, for no bound.</summary>
    public float MaxGradientNorm { get; init; }
}
