namespace SimNet.Models;

/// <summary>Options for reading ONNX files by <see cref="OnnxFile"/>, including limits for untrusted files.</summary>
public sealed record OnnxImportOptions
{
    /// <summary>The defaults.</summary>
    public static OnnxImportOptions Default { get; } = new();

    /// <summary>
    /// The name of the value, node, or layer that is the embedding, looked up in this order; of a node, its first output. Null, the
    /// default, for the embedding layer named by the file or, if it names none, the input of the last fully connected layer outside of
    /// gates. If the network instead ends with a 1x1 convolution and global average pooling, as SqueezeNet does, a layer named
    /// <c>embedding</c> is added that averages the input of that convolution. Otherwise, the embedding is the output of the last layer.
    /// </summary>
    public string? EmbeddingLayer { get; init; }

    /// <summary>
    /// The shape of one input sample, for files with dynamic channels, height, or width; null by default. Must match fixed dimensions.
    /// </summary>
    public Shape? InputShape { get; init; }

    /// <summary>
    /// The largest file in bytes; 2,147,483,591 by default, which is also the maximum. Reading needs up to about three times as much
    /// memory.
    /// </summary>
    public long MaxFileBytes { get; init; } = Array.MaxLength;
}
