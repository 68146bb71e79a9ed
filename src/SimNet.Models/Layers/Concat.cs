using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Its inputs' channels one after another, in the order of <see cref="Layer.Inputs"/>; all inputs have the same height and width.
/// Each sample of the output is the first input's sample, then the second's, and so on, since values lie channel by channel.
/// </summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Concat(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length < 2)
        {
            throw new ArgumentException($"Layer '{Name}' ({Kind}) takes two inputs or more; got {inputs.Length}.", nameof(inputs));
        }

        Shape first = inputs[0];
        int channels = 0;
        foreach (Shape input in inputs)
        {
            if (input.Height != first.Height || input.Width != first.Width)
            {
                throw new ArgumentException(
                    $"Layer '{Name}' ({Kind}): input {input} beside input {first}; expected one height and width.", nameof(inputs));
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
