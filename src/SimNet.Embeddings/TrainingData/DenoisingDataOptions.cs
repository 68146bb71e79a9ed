namespace SimNet.Embeddings;

/// <summary>What <see cref="DenoisingData"/> does to the images before a network sees them.</summary>
public sealed record DenoisingDataOptions
{
    /// <summary>
    /// Standard deviation of the normally distributed noise added to the input, on the scale on which white is 1; 0.1 by default, at
    /// least 0 and finite.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public float NoiseStandardDeviation
    {
        get;
        init => field = float.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(NoiseStandardDeviation), value, "Expected a finite value, at least 0.");
    } = 0.1f;

    /// <summary>Changes to the image itself, so to input and target alike; none by default.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;
}
