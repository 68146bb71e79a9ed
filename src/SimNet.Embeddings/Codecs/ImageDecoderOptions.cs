namespace SimNet.Embeddings;

/// <summary>Limits for decoding untrusted images.</summary>
public sealed record ImageDecoderOptions
{
    /// <summary>Gets the default limits.</summary>
    public static ImageDecoderOptions Default { get; } = new();

    /// <summary>Gets the maximum size of an encoded image in bytes; at least 1. The default is 64 MiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
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
    /// Gets the maximum number of pixels (width times height); at least 1. The default is 64 million. A progressive JPEG needs up to 16
    /// bytes per pixel while it is decoded, and each thread decodes an image of its own: lower the limit where users upload images.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
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
