using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>What of a model <see cref="OnnxFile"/> writes, and how.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>The defaults: the layers as they are, every value in 32 bits.</summary>
    public static OnnxExportOptions Default { get; } = new();

    /// <summary>
    /// Whether a batch norm is made part of the convolution before it where nothing else takes that one's output; false by default. The
    /// file is smaller and the same to rounding, but cannot be trained on as before.
    /// </summary>
    public bool FoldBatchNorm { get; init; }

    /// <summary>
    /// Whether convolutions' weights are rounded to 16 bits; false by default. They are widened as the file is run, so the arithmetic
    /// stays in 32 bits. What is rounded is as <see cref="ModelSaveOptions.HalfPrecision"/> says.
    /// </summary>
    public bool HalfPrecision { get; init; }

    /// <summary>
    /// Names of the layers that a <see cref="Model"/>'s file puts out; layers that none of them needs are left out. Empty, the
    /// default, for the last layer and the embedding layer, with all layers kept. The embedding layer alone gives the encoder alone.
    /// </summary>
    public ImmutableArray<string> Outputs { get; init; } = [];
}
