namespace SimNet.Embeddings;

/// <summary>Which blemishes of a file a decoder accepts.</summary>
public enum DecodingTolerance
{
    /// <summary>
    /// Reads what browsers show: a whole image in a file with blemishes, such as a missing end marker or a wrong checksum of metadata. Each
    /// blemish is listed in <see cref="Image.Blemishes"/>. An image of which pixels are missing is an error. The default.
    /// </summary>
    Lenient,

    /// <summary>Reads only files without any blemish.</summary>
    Strict,

    /// <summary>
    /// Also reads images of which pixels are missing or damaged, as long as there are some; the rest is gray. Embeddings of such images
    /// often find other neighbors than the whole image would.
    /// </summary>
    Salvage,
}
