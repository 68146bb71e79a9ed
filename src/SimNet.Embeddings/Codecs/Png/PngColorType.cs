namespace SimNet.Embeddings;

/// <summary>The color type of a PNG; the values are those of IHDR.</summary>
internal enum PngColorType
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    RgbAlpha = 6,
}
