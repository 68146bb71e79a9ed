namespace SimNet.Embeddings;

/// <summary>
/// Decodes JPEG and PNG in managed code, recognized by their first bytes, and hands what it cannot read to another decoder, if it has one.
/// </summary>
public sealed class ImageDecoder : IImageDecoder
{
    private readonly IImageDecoder? _fallback;

    /// <summary>
    /// Initializes a decoder that hands files of other formats, and the rare kinds of JPEG and PNG that it does not know, to another
    /// decoder.
    /// </summary>
    /// <param name="fallback">The other decoder, such as that of the package SimNet.MagickNet; null for none.</param>
    public ImageDecoder(IImageDecoder? fallback = null) => _fallback = fallback;

    /// <summary>Gets the shared instance without another decoder.</summary>
    public static ImageDecoder Default { get; } = new();

    /// <inheritdoc/>
    public Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (data.Length > options.MaxBytes)
        {
            throw new ImageFormatException($"The file has {data.Length} bytes; expected at most {options.MaxBytes}.", 0)
            {
                Cause = "too large",
            };
        }

        try
        {
            switch (ImageSignature.Recognize(data))
            {
                case ImageFormat.Jpeg:
                    return JpegDecoder.Decode(data, options, _fallback is not null);
                case ImageFormat.Png:
                    return PngDecoder.Decode(data, options, _fallback is not null);
                case ImageFormat.Unknown:
                    string kind = ImageSignature.Describe(data), start = Convert.ToHexString(data[..Math.Min(data.Length, 8)]);
                    throw new ImageFormatException($"The file is {kind} (it starts with {start}); expected an image.", 0)
                    {
                        Cause = kind,
                        IsUnsupported = true,
                    };
                default:
                    throw Unsupported(ImageSignature.Describe(data));
            }
        }
        catch (ImageFormatException exception) when (exception.IsUnsupported && _fallback is not null)
        {
            return _fallback.Decode(data, options);
        }
    }

    /// <summary>The error for an image that only another decoder reads.</summary>
    /// <param name="kind">What the file is, with an article.</param>
    /// <param name="offset">The byte offset that shows it.</param>
    internal static ImageFormatException Unsupported(string kind, long offset = 0) => new(
        $"The file is {kind}, which the decoder of the package SimNet.MagickNet reads; the one in use reads JPEG and PNG.", offset)
    {
        Cause = kind,
        IsUnsupported = true,
    };
}
