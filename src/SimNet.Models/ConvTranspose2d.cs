using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>A transposed convolution (the gradient of a convolution with respect to its input), with a bias.</summary>
/// <param name="Name">Unique name of the layer.</param>
/// <param name="OutChannels">Number of output channels; at least 1.</param>
/// <param name="KernelSize">Height and width of a filter; 1 to 1,024.</param>
public sealed record ConvTranspose2d(string Name, int OutChannels, int KernelSize) : Layer(Name)
{
    /// <summary>Step between the windows that the input's values are spread over; 1 by default, at most 256.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Rows and columns cut from each side of the output; 0 by default, at most 1,024.</summary>
    public int Padding { get; init; }

    /// <summary>Rows and columns added at the bottom and right of the output; 0 by default, less than <see cref="Stride"/>.</summary>
    public int OutputPadding { get; init; }

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        LayerCheck.AtLeast(this, nameof(OutChannels), OutChannels, 1);
        LayerCheck.Between(this, nameof(KernelSize), KernelSize, 1, LayerCheck.MaximumWindow);
        LayerCheck.Between(this, nameof(Stride), Stride, 1, LayerCheck.MaximumStride);
        LayerCheck.Between(this, nameof(Padding), Padding, 0, LayerCheck.MaximumWindow);
        LayerCheck.AtLeast(this, nameof(OutputPadding), OutputPadding, 0);
        if (OutputPadding >= Stride)
        {
            throw new ArgumentException($"Layer '{Name}': OutputPadding is {OutputPadding}; expected less than Stride, {Stride}.", nameof(inputs));
        }

        return new Shape(OutChannels, Spread(input.Height), Spread(input.Width));

        int Spread(int size)
        {
            int spread = checked((size - 1) * Stride - 2 * Padding + KernelSize + OutputPadding);
            return spread >= 1 ? spread
                : throw new ArgumentException($"Layer '{Name}': Padding {Padding} leaves nothing of the output for the input {input}.", nameof(inputs));
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        return
        [
            new($"{Name}.weight", [input.Channels, OutChannels, KernelSize, KernelSize], Trainable: true),
            new($"{Name}.bias", [OutChannels], Trainable: true),
        ];
    }
}
