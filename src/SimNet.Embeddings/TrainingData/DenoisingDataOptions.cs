namespace SimNet.Embeddings;

/// <summary>Options of <see cref="DenoisingData"/>.</summary>
public sealed record DenoisingDataOptions
{
    /// <summary>
    /// Gets the standard deviation of the Gaussian noise added to the input, where white is 1. Finite and at least 0; the default is 0.1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public float NoiseStandardDeviation
    {
        get;
        init => field = float.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(NoiseStandardDeviation), value, "Expected a finite value, at least 0.");
    } = 0.1f;

    /// <summary>Gets the augmentation of each image, which changes input and target alike. The default is none.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;
}
