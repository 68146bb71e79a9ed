namespace SimNet.Embeddings;

/// <summary>The default decoder: JPEG and PNG in managed code, recognized by their first bytes.</summary>
public sealed class ImageDecoder : IImageDecoder
{
    /// <summary>Gets the shared instance, which has no state.</summary>
    public static ImageDecoder Default { get; } = new();

    /// <inheritdoc/>
    public Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (data.Length > options.MaxBytes)
        {
            throw new ImageFormatException($"The file has {data.Length} bytes; expected at most {options.MaxBytes}.", 0);
        }

        return data switch
        {
            [0xFF, 0xD8, 0xFF, ..] => JpegDecoder.Decode(data, options),
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => PngDecoder.Decode(data, options),
            [] => throw new ImageFormatException("The file is empty; expected JPEG or PNG.", 0),
            _ => throw new ImageFormatException(
                $"The file starts with {Convert.ToHexString(data[..Math.Min(data.Length, 8)])}; "
                + "expected JPEG (FFD8FF) or PNG (89504E470D0A1A0A).",
                0),
        };
    }
}
