using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>A transposed convolution (the gradient of a convolution with respect to its input) with, unless told otherwise, a bias.</summary>
/// <param name="Name">Unique name of the layer.</param>
/// <param name="OutChannels">Number of output channels; at least 1.</param>
/// <param name="KernelSize">Height and width of a filter; each 1 to 1,024.</param>
public sealed record ConvTranspose2d(string Name, int OutChannels, Size2d KernelSize) : Layer(Name)
{
    /// <summary>Step between the windows that the input's values are spread over; 1 by default, each at most 256.</summary>
    public Size2d Stride { get; init; } = 1;

    /// <summary>Rows and columns cut from each side of the output; 0 by default, each at most 1,024.</summary>
    public Padding2d Padding { get; init; }

    /// <summary>Rows and columns added at the bottom and right of the output; 0 by default, less than <see cref="Stride"/> or <see cref="Dilation"/>.</summary>
    public Size2d OutputPadding { get; init; }

    /// <summary>Distance between neighbouring values of a window; 1, the default, for none left out. The window as spread at most 1,024.</summary>
    public Size2d Dilation { get; init; } = 1;

    /// <summary>Equal parts into which the channels of input and output fall, each output channel made of its part's input channels only; 1 by default. Divides both.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether each output channel has a number that is added to its sums; true by default.</summary>
    public bool HasBias { get; init; } = true;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        LayerCheck.AtLeast(this, nameof(OutChannels), OutChannels, 1);
        LayerCheck.Window(this, KernelSize, Stride, Padding, Dilation);
        LayerCheck.Groups(this, Groups, input.Channels, OutChannels);
        RequireOutputPadding(nameof(OutputPadding.Height), OutputPadding.Height, Stride.Height, Dilation.Height);
        RequireOutputPadding(nameof(OutputPadding.Width), OutputPadding.Width, Stride.Width, Dilation.Width);
        return new Shape(
            OutChannels,
            Spread(input.Height, Padding.Top + Padding.Bottom, KernelSize.Height, Dilation.Height, Stride.Height, OutputPadding.Height),
            Spread(input.Width, Padding.Left + Padding.Right, KernelSize.Width, Dilation.Width, Stride.Width, OutputPadding.Width));

        void RequireOutputPadding(string side, int value, int stride, int dilation)
        {
            if (value < 0 || value >= Math.Max(stride, dilation))
            {
                throw new ArgumentException(
                    $"Layer '{Name}': {nameof(OutputPadding)}.{side} is {value}; expected at least 0 and less than Stride, {stride}, or Dilation, {dilation}.", nameof(inputs));
            }
        }

        int Spread(int size, int padding, int kernel, int dilation, int stride, int outputPadding)
        {
            int spread = checked((size - 1) * stride - padding + (kernel - 1) * dilation + 1 + outputPadding);
            return spread >= 1 ? spread
                : throw new ArgumentException($"Layer '{Name}': Padding {Padding} leaves nothing of the output for the input {input}.", nameof(inputs));
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        var weight = new ParameterInfo($"{Name}.weight", [input.Channels, OutChannels / Groups, KernelSize.Height, KernelSize.Width], Trainable: true);
        return HasBias ? [weight, new($"{Name}.bias", [OutChannels], Trainable: true)] : [weight];
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        OutChannels = settings.Integer("out_channels", OutChannels),
        KernelSize = settings.Size("kernel_size", KernelSize),
        Stride = settings.Size("stride", Stride),
        Padding = settings.Padding("padding", Padding),
        OutputPadding = settings.Size("output_padding", OutputPadding),
        Dilation = settings.Size("dilation", Dilation, absent: 1),
        Groups = settings.Integer("groups", Groups, absent: 1),
        HasBias = settings.Flag("has_bias", HasBias, absent: true),
    };
}
