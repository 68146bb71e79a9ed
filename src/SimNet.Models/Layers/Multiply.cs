using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// The product of two inputs, value by value. The second has the first's shape, or one value for each channel (C x 1 x 1), by which all
/// of the channel's pixels are multiplied: the gate of a squeeze-and-excitation block (Hu et al., 2018).
/// </summary>
/// <param name="Name">Unique name of the layer.</param>
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
            : throw new ArgumentException($"Layer '{Name}' ({Kind}): input {inputs[1]} beside input {inputs[0]}; expected the same shape, or 1x1x{inputs[0].Channels}.", nameof(inputs));
    }

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
