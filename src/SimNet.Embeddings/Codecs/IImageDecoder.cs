namespace SimNet.Embeddings;

/// <summary>
/// Decodes encoded images to pixels. Implement this interface to use another imaging library. Implementations must be thread-safe.
/// </summary>
public interface IImageDecoder
{
    /// <summary>Decodes one image.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="options">Limits, checked before memory is allocated.</param>
    /// <returns>
    /// A gray (1 channel) or RGB (3 channels) image in sRGB, with the EXIF orientation applied and transparency blended onto
    /// <see cref="ImageDecoderOptions.Background"/>: by default onto white, or onto black where the image would be nearly blank on white.
    /// <see cref="Image.FromRgba"/> does the blending.
    /// </returns>
    /// <exception cref="ImageFormatException">
    /// The bytes are not an image in a supported format, are damaged, or exceed a limit. The exception has the offset and the problem;
    /// <see cref="ImageSource"/> adds the name of the file, and makes any other exception the inner one of such an exception.
    /// </exception>
    Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options);
}
