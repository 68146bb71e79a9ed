namespace SimNet.Embeddings;

/// <summary>Limits for decoding untrusted images, and what the caller wants of them.</summary>
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
    /// Gets the maximum number of pixels (width times height); at least 1. The default is 64 million. A progressive JPEG needs up to 11
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
    /// <summary>
    /// Gets the memory for decoding of all threads together. An image that needs more than is free waits for others; one that needs more
    /// than all of it is an error. The default is <see cref="MemoryBudget.Shared"/>.
    /// </summary>
    public MemoryBudget Memory { get; init; } = MemoryBudget.Shared;

    /// <summary>Gets which blemishes are accepted. The default is <see cref="DecodingTolerance.Lenient"/>, as browsers do.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public DecodingTolerance Tolerance
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(Tolerance), value, $"Expected one of {string.Join(", ", Enum.GetNames<DecodingTolerance>())}.");
    }

    /// <summary>
    /// Gets the color behind transparent pixels; in a gray image its <see cref="RgbColor.Luma"/>. The default, null, is white, except where
    /// the image would be nearly blank on white, such as a white shape without a background: such an image is blended onto black. Nearly
    /// blank means that opacities differ by more than 16 of 255 levels, and yet no channel of a blended pixel is more than 16 levels below
    /// 255.
    /// </summary>
    public RgbColor? Background { get; init; }

    /// <summary>
    /// Gets the width that the image is going to be resized to; 0, the default, if it is not known. A decoder may then return a smaller
    /// image than the file contains, but not one that is narrower than this or lower than <see cref="TargetHeight"/>, unless the image in
    /// the file is.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int TargetWidth
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Gets the height that the image is going to be resized to; 0, the default, if it is not known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int TargetHeight
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>
    /// Gets the color that the image is going to be converted to; null, the default, if it is not known. For
    /// <see cref="ColorMode.Gray"/> a decoder may return an image of one channel, whose values need not be those of
    /// <see cref="ImageOperations.ToGray"/> to the last bit.
    /// </summary>
    public ColorMode? TargetColor { get; init; }
}
