namespace SimNet.Embeddings;

/// <summary>The format of an encoded image, as <see cref="ImageSignature.Recognize"/> recognizes it by the first bytes.</summary>
public enum ImageFormat
{
    /// <summary>No format of images that is known.</summary>
    Unknown,

    /// <summary>JPEG (ITU T.81).</summary>
    Jpeg,

    /// <summary>PNG (W3C).</summary>
    Png,

    /// <summary>WebP.</summary>
    WebP,

    /// <summary>GIF.</summary>
    Gif,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>TIFF or BigTIFF.</summary>
    Tiff,

    /// <summary>AVIF.</summary>
    Avif,

    /// <summary>HEIF with HEVC, as phones write it (HEIC).</summary>
    Heic,

    /// <summary>JPEG XL, bare or in a container.</summary>
    JpegXl,

    /// <summary>JPEG 2000: a codestream, or a JP2 file.</summary>
    Jpeg2000,

    /// <summary>Windows icon or cursor.</summary>
    Icon,

    /// <summary>Photoshop document (PSD or PSB).</summary>
    Photoshop,
}
