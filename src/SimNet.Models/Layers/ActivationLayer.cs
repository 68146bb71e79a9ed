using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>A layer that applies a function to each value. Its output has the shape of its input.</summary>
public abstract record ActivationLayer : Layer
{
    private protected ActivationLayer(string name)
        : base(name)
    {
    }

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerValidation.RequireSingleInput(this, inputs);

    /// <summary>Calls the visitor method for this kind of activation.</summary>
    /// <typeparam name="TArgument">The type of the argument.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <param name="visitor">The visitor.</param>
    /// <param name="argument">The argument to pass to the visitor.</param>
    /// <returns>The result of the visitor.</returns>
    [Experimental(ExperimentalFeatures.Backends)]
    public abstract TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public sealed override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
