namespace SimNet.Models;

/// <summary>The largest value of each window; windows that would leave the input are dropped, as PyTorch's default. The gradient goes to the first largest value in row order.</summary>
/// <param name="Name">Unique name of the layer.</param>
/// <param name="KernelSize">Height and width of a window; 1 to 1,024.</param>
public sealed record MaxPool2d(string Name, int KernelSize) : Layer(Name)
{
    /// <summary>Step between windows; 0, the default, for the window's own size; at most 256.</summary>
    public int Stride { get; init; }

    /// <summary>The step in force: <see cref="Stride"/>, or the window's size where that is 0.</summary>
    public int EffectiveStride => Stride == 0 ? KernelSize : Stride;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        LayerCheck.Between(this, nameof(KernelSize), KernelSize, 1, LayerCheck.MaximumWindow);
        LayerCheck.Between(this, nameof(Stride), Stride, 0, LayerCheck.MaximumStride);
        if (KernelSize > Math.Min(input.Height, input.Width))
        {
            throw new ArgumentException($"Layer '{Name}': its {KernelSize}x{KernelSize} window is larger than the input {input}.", nameof(inputs));
        }

        return new Shape(input.Channels, (input.Height - KernelSize) / EffectiveStride + 1, (input.Width - KernelSize) / EffectiveStride + 1);
    }
}
