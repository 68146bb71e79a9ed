namespace SimNet.Embeddings;

/// <summary>The color space of the components.</summary>
internal enum JpegColor
{
    Gray,
    YCbCr,
    Rgb,

    /// <summary>CMYK with the inverted values of Adobe: 255 is no ink.</summary>
    Cmyk,

    /// <summary>Inverted CMYK with the first three components coded as YCbCr.</summary>
    Ycck,
}
