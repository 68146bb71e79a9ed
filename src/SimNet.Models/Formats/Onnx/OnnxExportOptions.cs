using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Options for writing ONNX files by <see cref="OnnxFile"/>.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>The defaults: unchanged layers and 32-bit weights.</summary>
    public static OnnxExportOptions Default { get; } = new();

    /// <summary>
    /// Whether to fold each batch norm into the convolution before it if that has no other consumer; false by default. The file is smaller
    /// and its outputs are the same up to rounding, but it is less suitable for further training.
    /// </summary>
    public bool FoldBatchNorm { get; init; }

    /// <summary>
    /// Whether to round the weights of convolutions to 16 bits, as <see cref="ModelSaveOptions.HalfPrecision"/> does; false by default. The
    /// graph converts them back to 32 bits, in which all arithmetic is done.
    /// </summary>
    public bool HalfPrecision { get; init; }

    /// <summary>
    /// Names of the layers that are outputs of the file of a <see cref="Model"/>. Layers that no output depends on are omitted; to export
    /// only an encoder, name only the embedding layer. Empty, the default, for the last layer and the embedding layer, keeping all layers.
    /// </summary>
    public ImmutableArray<string> Outputs { get; init; } = [];
}
