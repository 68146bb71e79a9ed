namespace SimNet.Embeddings;

/// <summary>The channels of a network's input.</summary>
public enum ColorMode
{
    /// <summary>One channel: luma.</summary>
    Gray,

    /// <summary>Three channels: red, green and blue.</summary>
    Rgb,
}
