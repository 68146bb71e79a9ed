using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Global average pooling: the mean of each channel. C x H x W becomes C x 1 x 1, as in PyTorch's <c>AdaptiveAvgPool2d(1)</c>.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record GlobalAveragePool2d(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => new(LayerValidation.RequireSingleInput(this, inputs).Channels, 1, 1);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
