namespace SimNet.Embeddings;

/// <summary>What an image's components are.</summary>
internal enum JpegColor
{
    Gray,
    YCbCr,
    Rgb,

    /// <summary>With Adobe's inverted values: 255 is no ink.</summary>
    Cmyk,

    /// <summary>CMYK, inverted, whose first three are coded as YCbCr.</summary>
    Ycck,
}
