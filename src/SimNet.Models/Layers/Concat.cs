using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Concatenates two or more inputs along the channels, in the order of <see cref="Layer.Inputs"/>. All inputs have the same height and
/// width.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Concat(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length < 2)
        {
            throw new ArgumentException($"Layer '{Name}' ({Kind}) takes at least two inputs; got {inputs.Length}.", nameof(inputs));
        }

        Shape first = inputs[0];
        int channels = 0;
        foreach (Shape input in inputs)
        {
            if (input.Height != first.Height || input.Width != first.Width)
            {
                throw new ArgumentException(
                    $"Layer '{Name}' ({Kind}): inputs are {first} and {input}; expected the same height and width.", nameof(inputs));
            }

            channels = checked(channels + input.Channels);
        }

        return first with { Channels = channels };
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
