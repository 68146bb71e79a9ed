using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// In training every value becomes 0 with probability <see cref="Rate"/> and is divided by 1 - <see cref="Rate"/> otherwise, so that
/// its mean stays (Srivastava et al., 2014, in the form that PyTorch has); in inference nothing happens. Which values go depends on
/// the session's seed, the step's number, the sample's place in its batch and the layer's number, and on nothing else.
/// </summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Dropout(string Name) : Layer(Name)
{
    /// <summary>Probability that a value is dropped; 0.5 by default. In [0, 1).</summary>
    public float Rate { get; init; } = 0.5f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Rate is >= 0 and < 1
        ? LayerCheck.Single(this, inputs)
        : throw new ArgumentException($"Layer '{Name}': Rate is {Rate}; expected from 0 to below 1.", nameof(inputs));

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Rate = settings.Single("rate", Rate),
    };
}
