namespace SimNet.Models;

/// <summary>How compactly a <see cref="Model"/> is written. Every form is read alike.</summary>
public sealed record ModelSaveOptions
{
    /// <summary>The defaults: every value as it is, readable as plain tensors.</summary>
    public static ModelSaveOptions Default { get; } = new();

    /// <summary>
    /// Whether convolutions' weights are rounded to 16 bits; false by default. Biases and batch norm's parameters keep their 32, and so
    /// does a tensor with a value beyond 65,504. The model that is read back has the rounded weights, hence another <see cref="Model.Id"/>.
    /// </summary>
    public bool HalfPrecision { get; init; }

    /// <summary>
    /// Whether tensors with many zeros are written as a mask of one bit for each value, and the values that are not 0, where that is
    /// smaller; false by default, since other programs do not know the form. Nothing is rounded: the model read back is the same to the bit.
    /// </summary>
    public bool Sparse { get; init; }
}
