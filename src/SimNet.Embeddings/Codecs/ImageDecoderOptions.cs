namespace SimNet.Embeddings;

/// <summary>Limits for decoding images that are not trusted.</summary>
public sealed record ImageDecoderOptions
{
    /// <summary>The defaults.</summary>
    public static ImageDecoderOptions Default { get; } = new();

    /// <summary>The largest file to read; 64 MiB by default. At least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to less than 1.</exception>
    public long MaxBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 64L << 20;

    /// <summary>
    /// The most pixels (width times height) to decode; 64 million by default. At least 1. A progressive JPEG takes up to 16 bytes a
    /// pixel while it is decoded, and as many images are decoded at once as there are threads: lower it where strangers send images.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to less than 1.</exception>
    public long MaxPixels
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 64_000_000;
}
