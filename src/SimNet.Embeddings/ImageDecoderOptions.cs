namespace SimNet.Embeddings;

/// <summary>Limits for decoding pictures that are not trusted.</summary>
public sealed record ImageDecoderOptions
{
    /// <summary>The defaults.</summary>
    public static ImageDecoderOptions Default { get; } = new();

    /// <summary>The largest file to read; 64 MiB by default. At least 1.</summary>
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>The most pixels (width times height) to decode; 64 million by default. At least 1.</summary>
    public long MaxPixels { get; init; } = 64_000_000;
}
