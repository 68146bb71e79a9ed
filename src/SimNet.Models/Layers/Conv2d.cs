using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>A two-dimensional convolution (cross-correlation, as everywhere in deep learning) with zero padding and, unless told otherwise, a bias.</summary>
/// <param name="Name">Unique name of the layer.</param>
/// <param name="OutChannels">Number of filters; at least 1.</param>
/// <param name="KernelSize">Height and width of a filter; each 1 to 1,024.</param>
public sealed record Conv2d(string Name, int OutChannels, Size2d KernelSize) : Layer(Name)
{
    /// <summary>Step between windows; 1 by default, each at most 256.</summary>
    public Size2d Stride { get; init; } = 1;

    /// <summary>Zeros added on each side; 0 by default, each at most 1,024.</summary>
    public Padding2d Padding { get; init; }

    /// <summary>Distance between neighbouring values of a window; 1, the default, for none left out. The window as spread at most 1,024.</summary>
    public Size2d Dilation { get; init; } = 1;

    /// <summary>
    /// Equal parts into which the input's channels and the filters fall, each filter seeing its part's channels only; 1 by default. As many
    /// as the input has channels make it a depthwise convolution. Divides both.
    /// </summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether each filter has a number that is added to its sums; true by default.</summary>
    public bool HasBias { get; init; } = true;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        LayerCheck.AtLeast(this, nameof(OutChannels), OutChannels, 1);
        LayerCheck.Window(this, KernelSize, Stride, Padding, Dilation);
        LayerCheck.Groups(this, Groups, input.Channels, OutChannels);
        return new Shape(
            OutChannels,
            Windows(input.Height, Padding.Top + Padding.Bottom, KernelSize.Height, Dilation.Height, Stride.Height),
            Windows(input.Width, Padding.Left + Padding.Right, KernelSize.Width, Dilation.Width, Stride.Width));

        int Windows(int size, int padding, int kernel, int dilation, int stride)
        {
            int free = checked(size + padding - ((kernel - 1) * dilation + 1));
            return free >= 0 ? free / stride + 1
                : throw new ArgumentException($"Layer '{Name}': its {KernelSize} kernel is larger than the padded input {input}.", nameof(inputs));
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerCheck.Single(this, inputs);
        var weight = new ParameterInfo($"{Name}.weight", [OutChannels, input.Channels / Groups, KernelSize.Height, KernelSize.Width], Trainable: true);
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
        Dilation = settings.Size("dilation", Dilation, absent: 1),
        Groups = settings.Integer("groups", Groups, absent: 1),
        HasBias = settings.Flag("has_bias", HasBias, absent: true),
    };
}
