namespace SimNet.Embeddings;

/// <summary>Turns a file's bytes into pixels. A host with an imaging library of its own implements this. Thread-safe.</summary>
public interface IImageDecoder
{
    /// <summary>Decodes one image.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="options">Limits, checked before memory is taken.</param>
    /// <returns>Gray (1 channel) or RGB (3 channels), EXIF orientation applied, transparency laid on white.</returns>
    /// <exception cref="ImageFormatException">The bytes are no image this decoder knows, are damaged, or exceed a limit. It carries the offset and what was wrong; whoever knows the file's name adds it.</exception>
    Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options);
}
