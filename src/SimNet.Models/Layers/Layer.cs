using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// One step of a <see cref="Network"/>, as data: what it is called, where its inputs come from, and its settings.
/// It knows shapes and parameters and computes nothing; an <see cref="IInferenceBackend"/> does that.
/// The kinds are those of this package.
/// </summary>
public abstract record Layer
{
    private protected Layer(string name) => Name = name;

    /// <summary>Unique in its network; prefixes its parameters' names (<c>features.0</c> gives <c>features.0.weight</c>).</summary>
    public string Name { get; init; }

    /// <summary>The layers (or <see cref="Network.InputName"/>) whose outputs it takes; empty, the default, for the layer before it.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>The layer's kind as tables and files name it, such as <c>Conv2d</c>.</summary>
    public string Kind => GetType().Name;

    /// <summary>Shape of its output for inputs of these shapes.</summary>
    /// <exception cref="ArgumentException">The inputs do not fit the layer; the message names the layer and says what was expected.</exception>
    public abstract Shape InferShape(ReadOnlySpan<Shape> inputs);

    /// <summary>Its parameters for inputs of these shapes, in PyTorch's order; none by default.</summary>
    public virtual ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs) => [];

    /// <summary>Calls the visitor's method for this kind of layer.</summary>
    /// <typeparam name="TArgument">What the visitor needs besides the layer.</typeparam>
    /// <typeparam name="TResult">What comes of a visit.</typeparam>
    /// <param name="visitor">The visitor.</param>
    /// <param name="argument">What it is given.</param>
    [Experimental(ExperimentalFeatures.Backends)]
    public abstract TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument);

    /// <summary>
    /// Passes each setting to a reader or writer of files, in the order of the file, and takes what it returns: one description serves both
    /// directions. A layer without settings returns itself.
    /// </summary>
    internal virtual Layer Exchange(ILayerSettings settings) => this;

    /// <summary>Layers are equal that have the same kind, name, settings and <see cref="Inputs"/>, these compared name by name.</summary>
    public virtual bool Equals(Layer? other) =>
        other is not null && EqualityContract == other.EqualityContract && Name == other.Name && Sources(this).SequenceEqual(Sources(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EqualityContract, Name, Sources(this).Length);

    private static ReadOnlySpan<string> Sources(Layer layer) => layer.Inputs.IsDefault ? [] : layer.Inputs.AsSpan();
}
