namespace SimNet.Models;

/// <summary>The largest value of each window, without padding. The gradient goes to the first largest value in row order.</summary>
/// <param name="Name">Unique name of the layer.</param>
/// <param name="KernelSize">Height and width of a window; 1 to 1,024.</param>
public sealed record MaxPool2d(string Name, int KernelSize) : Layer(Name)
{
    /// <summary>Step between windows; 0, the default, for the window's own size; at most 256.</summary>
    public int Stride { get; init; }

    /// <summary>
    /// What becomes of a last window that would leave the input: it is dropped where this is false, the default; where it is true it
    /// stays if it begins inside, and takes what there is. As PyTorch's <c>ceil_mode</c>.
    /// </summary>
    public bool CeilMode { get; init; }

    /// <summary>The step in force: <see cref="Stride"/>, or the window's size where that is 0.</summary>
    public int EffectiveStride => Stride == 0 ? KernelSize : Stride;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        LayerCheck.Between(this, nameof(KernelSize), KernelSize, 1, LayerCheck.MaximumWindow);
        LayerCheck.Between(this, nameof(Stride), Stride, 0, LayerCheck.MaximumStride);
        return new Shape(input.Channels, Windows(input.Height), Windows(input.Width));

        int Windows(int size)
        {
            int free = checked(size - KernelSize + (CeilMode ? EffectiveStride - 1 : 0));
            int windows = free >= 0 ? free / EffectiveStride + 1
                : throw new ArgumentException($"Layer '{Name}': its {KernelSize}x{KernelSize} window is larger than the input {input}.", nameof(inputs));

            // A step larger than the window can bring the last one to a place past the end.
            return CeilMode && (long)(windows - 1) * EffectiveStride >= size ? windows - 1 : windows;
        }
    }
}
