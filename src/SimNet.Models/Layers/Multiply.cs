using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// The element-wise product of two inputs. The second has the shape of the first, or C x 1 x 1: one value that scales the whole channel,
/// such as the gate of a squeeze-and-excitation block (Hu et al., 2018).
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Multiply(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length != 2)
        {
            throw new ArgumentException($"Layer '{Name}' ({Kind}) takes two inputs; got {inputs.Length}.", nameof(inputs));
        }

        return inputs[1] == inputs[0] || inputs[1] == new Shape(inputs[0].Channels, 1, 1)
            ? inputs[0]
            : throw new ArgumentException(
                $"Layer '{Name}' ({Kind}): inputs are {inputs[0]} and {inputs[1]}; "
                + $"expected the same shape, or 1x1x{inputs[0].Channels} for the second.",
                nameof(inputs));
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
