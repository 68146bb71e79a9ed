using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>A two-dimensional convolution (cross-correlation, as everywhere in deep learning) with zero padding and a bias.</summary>
/// <param name="Name">Unique name of the layer.</param>
/// <param name="OutChannels">Number of filters; at least 1.</param>
/// <param name="KernelSize">Height and width of a filter; 1 to 1,024.</param>
public sealed record Conv2d(string Name, int OutChannels, int KernelSize) : Layer(Name)
{
    /// <summary>Step between windows; 1 by default, at most 256.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Zeros added on each side; 0 by default, at most 1,024.</summary>
    public int Padding { get; init; }

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        LayerCheck.AtLeast(this, nameof(OutChannels), OutChannels, 1);
        LayerCheck.Between(this, nameof(KernelSize), KernelSize, 1, LayerCheck.MaximumWindow);
        LayerCheck.Between(this, nameof(Stride), Stride, 1, LayerCheck.MaximumStride);
        LayerCheck.Between(this, nameof(Padding), Padding, 0, LayerCheck.MaximumWindow);
        return new Shape(OutChannels, Window(input.Height), Window(input.Width));

        int Window(int size)
        {
            int free = checked(size + 2 * Padding - KernelSize);
            return free >= 0 ? free / Stride + 1
                : throw new ArgumentException($"Layer '{Name}': its {KernelSize}x{KernelSize} kernel is larger than the padded input {input}.", nameof(inputs));
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        return
        [
            new($"{Name}.weight", [OutChannels, input.Channels, KernelSize, KernelSize], Trainable: true),
            new($"{Name}.bias", [OutChannels], Trainable: true),
        ];
    }
}
