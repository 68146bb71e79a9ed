using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>A two-dimensional convolution (cross-correlation, as usual in deep learning) with zero padding and an optional bias.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
/// <param name="OutChannels">The number of filters, which is the number of output channels; at least 1.</param>
/// <param name="KernelSize">The height and width of a filter; each from 1 to 1,024.</param>
public sealed record Conv2d(string Name, int OutChannels, Size2d KernelSize) : Layer(Name)
{
    /// <summary>The step between windows; 1 by default. Each from 1 to 256.</summary>
    public Size2d Stride { get; init; } = 1;

    /// <summary>The rows and columns of zeros around the input; 0 by default. Each at most 1,024.</summary>
    public Padding2d Padding { get; init; }

    /// <summary>
    /// The distance between adjacent values of a window; 1, the default, for a dense window. The dilated window is at most 1,024.
    /// </summary>
    public Size2d Dilation { get; init; } = 1;

    /// <summary>
    /// The number of equal groups into which input channels and filters are divided; 1 by default. A filter sees only the channels of its
    /// group. With as many groups as input channels, it is a depthwise convolution. Divides the number of input channels and of filters.
    /// </summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether each filter has a bias; true by default.</summary>
    public bool HasBias { get; init; } = true;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerValidation.RequireSingleInput(this, inputs);
        LayerValidation.RequireAtLeast(this, nameof(OutChannels), OutChannels, 1);
        LayerValidation.RequireWindow(this, KernelSize, Stride, Padding, Dilation);
        LayerValidation.RequireGroups(this, Groups, input.Channels, OutChannels);
        return new Shape(
            OutChannels,
            Windows(input.Height, Padding.Top + Padding.Bottom, KernelSize.Height, Dilation.Height, Stride.Height),
            Windows(input.Width, Padding.Left + Padding.Right, KernelSize.Width, Dilation.Width, Stride.Width));

        int Windows(int size, int padding, int kernel, int dilation, int stride)
        {
            int free = checked(size + padding - ((kernel - 1) * dilation + 1));
            return free >= 0 ? free / stride + 1
                : throw new ArgumentException(
                    $"Layer '{Name}' ({Kind}): the {KernelSize} kernel is larger than the padded input {input}.", nameof(inputs));
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerValidation.RequireSingleInput(this, inputs);
        var weight = new ParameterInfo(
            $"{Name}.weight", [OutChannels, input.Channels / Groups, KernelSize.Height, KernelSize.Width], Trainable: true);
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
