using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Describes one operation of a <see cref="Network"/>: its name, its inputs, and its settings. It infers shapes and describes parameters
/// but computes nothing; an <see cref="IInferenceBackend"/> does. Only this package defines kinds of layers.
/// </summary>
public abstract record Layer
{
    private protected Layer(string name) => Name = name;

    /// <summary>
    /// The name, unique in the network. It is the prefix of parameter names: <c>features.0</c> has <c>features.0.weight</c>.
    /// </summary>
    public string Name { get; init; }

    /// <summary>The names of the input layers, or <see cref="Network.InputName"/>; empty, the default, for the preceding layer.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>The kind of the layer as it appears in tables and files, such as <c>Conv2d</c>.</summary>
    public string Kind => GetType().Name;

    /// <summary>Infers the output shape.</summary>
    /// <param name="inputs">The shape of each input, for one sample.</param>
    /// <returns>The shape of the output, for one sample.</returns>
    /// <exception cref="ArgumentException">
    /// The inputs do not fit the layer, or a setting is out of range; the message names the layer and what is expected.
    /// </exception>
    public abstract Shape InferShape(ReadOnlySpan<Shape> inputs);

    /// <summary>Describes the parameters.</summary>
    /// <param name="inputs">The shape of each input, for one sample.</param>
    /// <returns>The parameters, in the order of PyTorch; empty if the layer has none.</returns>
    public virtual ImmutableArray<ParameterInfo> GetParameters(ReadOnlySpan<Shape> inputs) => [];

    /// <summary>Calls the visitor method for this kind of layer.</summary>
    /// <typeparam name="TArgument">The type of the argument.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <param name="visitor">The visitor.</param>
    /// <param name="argument">The argument to pass to the visitor.</param>
    /// <returns>The result of the visitor.</returns>
    [Experimental(ExperimentalFeatures.Backends)]
    public abstract TResult Accept<TArgument, TResult>(ILayerVisitor<TArgument, TResult> visitor, TArgument argument);

    /// <summary>
    /// Passes each setting to a reader or writer, in the order of the file, and returns a layer with the settings it gets back. One
    /// description thus serves both directions. A layer without settings returns itself.
    /// </summary>
    internal virtual Layer Exchange(ILayerSettings settings) => this;

    /// <summary>Determines whether two layers are equal, comparing <see cref="Inputs"/> by value.</summary>
    /// <param name="other">The layer to compare with.</param>
    /// <returns>True if kind, name, settings, and inputs are equal.</returns>
    public virtual bool Equals(Layer? other) =>
        other is not null
        && EqualityContract == other.EqualityContract
        && Name == other.Name
        && Sources(this).SequenceEqual(Sources(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EqualityContract, Name, Sources(this).Length);

    private static ReadOnlySpan<string> Sources(Layer layer) => layer.Inputs.IsDefault ? [] : layer.Inputs.AsSpan();
}
