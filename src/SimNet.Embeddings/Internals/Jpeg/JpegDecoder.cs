namespace SimNet.Embeddings;

/// <summary>Decodes JPEG (ITU T.81).</summary>
internal static class JpegDecoder
{
    public static Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options) =>
        throw new ImageFormatException("JPEG is not decoded yet.", 0);
}
