using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>A transposed convolution (the gradient of a convolution with respect to its input) with an optional bias.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
/// <param name="OutChannels">The number of output channels; at least 1.</param>
/// <param name="KernelSize">The height and width of a filter; each from 1 to 1,024.</param>
public sealed record ConvTranspose2d(string Name, int OutChannels, Size2d KernelSize) : Layer(Name)
{
    /// <summary>The step between the output windows of adjacent input values; 1 by default. Each from 1 to 256.</summary>
    public Size2d Stride { get; init; } = 1;

    /// <summary>The rows and columns removed from each side of the output; 0 by default. Each at most 1,024.</summary>
    public Padding2d Padding { get; init; }

    /// <summary>
    /// The rows and columns added at the bottom and right of the output; 0 by default. Each less than the larger of <see cref="Stride"/>
    /// and <see cref="Dilation"/>.
    /// </summary>
    public Size2d OutputPadding { get; init; }

    /// <summary>
    /// The distance between adjacent values of a window; 1, the default, for a dense window. The dilated window is at most 1,024.
    /// </summary>
    public Size2d Dilation { get; init; } = 1;

    /// <summary>
    /// The number of equal groups into which input and output channels are divided; 1 by default. An output channel depends only on the
    /// input channels of its group. Divides the number of input channels and of output channels.
    /// </summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether each output channel has a bias; true by default.</summary>
    public bool HasBias { get; init; } = true;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerValidation.RequireSingleInput(this, inputs);
        LayerValidation.RequireAtLeast(this, nameof(OutChannels), OutChannels, 1);
        LayerValidation.RequireWindow(this, KernelSize, Stride, Padding, Dilation);
        LayerValidation.RequireGroups(this, Groups, input.Channels, OutChannels);
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
                    $"Layer '{Name}' ({Kind}): {nameof(OutputPadding)}.{side} is {value}; "
                    + $"expected at least 0 and less than Stride ({stride}) or Dilation ({dilation}).",
                    nameof(inputs));
            }
        }

        int Spread(int size, int padding, int kernel, int dilation, int stride, int outputPadding)
        {
            int spread = checked((size - 1) * stride - padding + (kernel - 1) * dilation + 1 + outputPadding);
            return spread >= 1 ? spread
                : throw new ArgumentException(
                    $"Layer '{Name}' ({Kind}): Padding {Padding} removes the whole output for the input {input}.", nameof(inputs));
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerValidation.RequireSingleInput(this, inputs);
        var weight = new ParameterInfo(
            $"{Name}.weight", [input.Channels, OutChannels / Groups, KernelSize.Height, KernelSize.Width], Trainable: true);
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
