namespace SimNet.Models;

/// <summary>How <see cref="OnnxFile"/> reads files, and limits for those that are not trusted.</summary>
public sealed record OnnxImportOptions
{
    /// <summary>The defaults.</summary>
    public static OnnxImportOptions Default { get; } = new();

    /// <summary>
    /// The layer, or the file's node or value, whose output is the embedding. Null, the default, for what the file says; where it says nothing, what the
    /// last fully connected layer takes. Where there is none but a 1x1 convolution and the mean of its maps at the end, as in SqueezeNet: the means of the maps
    /// that this convolution takes, in a layer of their own called <c>embedding</c>. Otherwise the last layer.
    /// </summary>
    public string? EmbeddingLayer { get; init; }

    /// <summary>Shape of one input sample where the file leaves channels, height or width free; null by default. What the file says must agree.</summary>
    public Shape? InputShape { get; init; }

    /// <summary>The largest file to read, in bytes; 2,147,483,591 by default, and no more can be. Reading takes up to about three times as much memory.</summary>
    public long MaxFileBytes { get; init; } = Array.MaxLength;
}
