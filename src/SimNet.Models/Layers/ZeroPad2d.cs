using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Pads its input with zeros.</summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record ZeroPad2d(string Name) : Layer(Name)
{
    /// <summary>The rows and columns of zeros to add; 0 by default. Each at most 1,024.</summary>
    public Padding2d Padding { get; init; }

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape input = LayerValidation.RequireSingleInput(this, inputs);
        LayerValidation.RequireInRange(this, nameof(Padding), Padding, 0, LayerValidation.MaximumWindow);
        return input with
        {
            Height = checked(input.Height + Padding.Top + Padding.Bottom),
            Width = checked(input.Width + Padding.Left + Padding.Right),
        };
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Padding = settings.Padding("padding", Padding),
    };
}
