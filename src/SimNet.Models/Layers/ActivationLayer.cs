using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>A layer that applies a function to each value; its output has its input's shape.</summary>
public abstract record ActivationLayer : Layer
{
    private protected ActivationLayer(string name)
        : base(name)
    {
    }

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerCheck.Single(this, inputs);

    /// <summary>Calls the visitor's method for this kind of function.</summary>
    /// <typeparam name="TArgument">What the visitor needs besides the layer.</typeparam>
    /// <typeparam name="TResult">What comes of a visit.</typeparam>
    /// <param name="visitor">The visitor.</param>
    /// <param name="argument">What it is given.</param>
    [Experimental(ExperimentalFeatures.Backends)]
    public abstract TResult Accept<TArgument, TResult>(IActivationVisitor<TArgument, TResult> visitor, TArgument argument);

    /// <inheritdoc/>
    [Experimental(ExperimentalFeatures.Backends)]
    public sealed override TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument)
        => visitor.Visit(this, argument);
}
