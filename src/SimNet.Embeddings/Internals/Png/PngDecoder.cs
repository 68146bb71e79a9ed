namespace SimNet.Embeddings;

/// <summary>Decodes PNG (W3C PNG, third edition).</summary>
internal static class PngDecoder
{
    public static Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options) =>
        throw new ImageFormatException("PNG is not decoded yet.", 0);
}
