namespace SimNet.Embeddings;

/// <summary>What a PNG's pixel is made of; the values are those of IHDR.</summary>
internal enum PngColorType
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    RgbAlpha = 6,
}
