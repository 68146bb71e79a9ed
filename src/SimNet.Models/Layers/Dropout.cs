using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Dropout (Srivastava et al., 2014, in the form of PyTorch). In training, each value is set to 0 with probability <see cref="Rate"/> and
/// otherwise divided by 1 - <see cref="Rate"/>, which preserves the expected value. In inference, the layer does nothing. The mask depends
/// only on the seed of the session, the number of the step, the index of the sample in its batch, and the index of the layer.
/// </summary>
/// <param name="Name">The name of the layer; unique in its network.</param>
public sealed record Dropout(string Name) : Layer(Name)
{
    /// <summary>The probability of dropping a value; 0.5 by default. In [0, 1).</summary>
    public float Rate { get; init; } = 0.5f;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Rate is >= 0 and < 1
        ? LayerValidation.RequireSingleInput(this, inputs)
        : throw new ArgumentException($"Layer '{Name}' ({Kind}): Rate is {Rate}; expected a number in [0, 1).", nameof(inputs));

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);

    internal override Layer Exchange(ILayerSettings settings) => this with
    {
        Rate = settings.Single("rate", Rate),
    };
}
