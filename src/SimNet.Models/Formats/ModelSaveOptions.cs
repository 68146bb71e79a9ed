namespace SimNet.Models;

/// <summary>Options for saving a <see cref="Model"/> in less space. Loading needs no options.</summary>
public sealed record ModelSaveOptions
{
    /// <summary>The defaults: exact values in plain tensors.</summary>
    public static ModelSaveOptions Default { get; } = new();

    /// <summary>
    /// Whether to round the weights of convolutions to 16 bits; false by default. Biases, batch norm parameters, and tensors with a value
    /// beyond ±65,504 keep 32 bits. The loaded model has the rounded weights and therefore another <see cref="Model.Id"/>.
    /// </summary>
    public bool HalfPrecision { get; init; }

    /// <summary>
    /// Whether to store tensors as a bit mask and the nonzero values where that is smaller; false by default, because other programs do
    /// not support it. The encoding is lossless. Not supported for ONNX.
    /// </summary>
    public bool Sparse { get; init; }
}
