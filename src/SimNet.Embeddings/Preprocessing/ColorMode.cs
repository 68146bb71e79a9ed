namespace SimNet.Embeddings;

/// <summary>Which channels a network takes.</summary>
public enum ColorMode
{
    /// <summary>One channel: brightness.</summary>
    Gray,

    /// <summary>Three channels: red, green, blue.</summary>
    Rgb,
}
