using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// Describes a neural network: an input shape and an immutable list of <see cref="Layer"/>s in topological order. It holds shapes and
/// parameter descriptions but no weights, and computes nothing; an <see cref="IInferenceBackend"/> does.
/// </summary>
public sealed class Network
{
    /// <summary>The name by which layers refer to the input of the network.</summary>
    public const string InputName = "input";

    private readonly Dictionary<string, int> _indexByName;

    /// <summary>Initializes and validates a network.</summary>
    /// <param name="name">The name of the network, such as <c>dae</c>.</param>
    /// <param name="input">The shape of one input sample.</param>
    /// <param name="layers">At least one layer. The output of the last layer is the output of the network.</param>
    /// <exception cref="ArgumentException">
    /// A name is used twice, an input is not an earlier layer, or shapes do not match; the message names the layer.
    /// </exception>
    public Network(string name, Shape input, IEnumerable<Layer> layers)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(layers);
        if (input.Channels < 1 || input.Height < 1 || input.Width < 1)
        {
            throw new ArgumentException($"The input shape is {input}; expected at least 1x1x1.", nameof(input));
        }

        Name = name;
        InputShape = input;
        Layers = [.. layers];
        if (Layers.IsEmpty)
        {
            throw new ArgumentException("A network has at least one layer, but none is given.", nameof(layers));
        }

        var index = new Dictionary<string, int>(StringComparer.Ordinal) { [InputName] = -1 };
        var sources = ImmutableArray.CreateBuilder<ImmutableArray<int>>(Layers.Length);
        var shapes = ImmutableArray.CreateBuilder<Shape>(Layers.Length);
        var parameters = ImmutableArray.CreateBuilder<ImmutableArray<ParameterInfo>>(Layers.Length);
        for (int i = 0; i < Layers.Length; i++)
        {
            Layer layer = Layers[i] ?? throw new ArgumentException($"Layer {i} is null.", nameof(layers));
            if (string.IsNullOrEmpty(layer.Name))
            {
                throw new ArgumentException($"Layer {i} ({layer.Kind}) has no name.", nameof(layers));
            }

            ImmutableArray<int> from = layer.Inputs.IsDefaultOrEmpty
                ? [i - 1]
                : [.. layer.Inputs.Select(source => index.TryGetValue(source, out int at) ? at
                    : throw new ArgumentException(
                        $"Layer '{layer.Name}' has input '{source}', which is not an earlier layer.", nameof(layers)))];
            Shape[] inputs = [.. from.Select(at => at < 0 ? input : shapes[at])];
            if (!index.TryAdd(layer.Name, i))
            {
                throw new ArgumentException($"Two layers are named '{layer.Name}'.", nameof(layers));
            }

            sources.Add(from);
            shapes.Add(layer.InferShape(inputs));
            parameters.Add(layer.GetParameters(inputs));
        }

        _indexByName = index;
        Sources = sources.MoveToImmutable();
        OutputShapes = shapes.MoveToImmutable();
        ParametersByLayer = parameters.MoveToImmutable();
        Parameters = [.. ParametersByLayer.SelectMany(p => p)];
    }

    /// <summary>The name of the network.</summary>
    public string Name { get; }

    /// <summary>The shape of one input sample.</summary>
    public Shape InputShape { get; }

    /// <summary>The shape of one sample of the last layer's output.</summary>
    public Shape OutputShape => OutputShapes[^1];

    /// <summary>The layers, in topological order.</summary>
    public ImmutableArray<Layer> Layers { get; }

    /// <summary>The output shape of each layer, for one sample.</summary>
    public ImmutableArray<Shape> OutputShapes { get; }

    /// <summary>For each layer, the indexes of its input layers; -1 is the input of the network.</summary>
    public ImmutableArray<ImmutableArray<int>> Sources { get; }

    /// <summary>The parameters of each layer.</summary>
    public ImmutableArray<ImmutableArray<ParameterInfo>> ParametersByLayer { get; }

    /// <summary>All parameters, in the order of the layers.</summary>
    public ImmutableArray<ParameterInfo> Parameters { get; }

    /// <summary>The number of values in all parameters, including the running statistics of batch norm (as Keras counts).</summary>
    public int ParameterCount => Parameters.Sum(p => p.Count);

    /// <summary>The number of values that training changes by gradient.</summary>
    public int TrainableParameterCount => Parameters.Sum(p => p.Trainable ? p.Count : 0);

    /// <summary>Gets the index of a layer in <see cref="Layers"/>.</summary>
    /// <param name="name">The name of a layer, or <see cref="InputName"/>.</param>
    /// <returns>The index; -1 for <see cref="InputName"/>.</returns>
    /// <exception cref="ArgumentException">No layer has this name.</exception>
    public int IndexOf(string name) => _indexByName.TryGetValue(name, out int index)
        ? index
        : throw new ArgumentException(
            $"Network '{Name}' has no layer '{name}'; it has {string.Join(", ", Layers.Select(l => l.Name))}.", nameof(name));

    /// <summary>Gets the indexes of several layers in <see cref="Layers"/>.</summary>
    /// <param name="names">At least one layer name.</param>
    /// <returns>The indexes, in the order of the names.</returns>
    /// <exception cref="ArgumentException">There are no names, or one is not the name of a layer.</exception>
    public int[] IndexesOf(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0)
        {
            throw new ArgumentException("No layer is named; expected at least one.", nameof(names));
        }

        int[] indexes = [.. names.Select(IndexOf)];
        return indexes.Contains(-1)
            ? throw new ArgumentException($"'{InputName}' is the input of the network; expected names of layers.", nameof(names))
            : indexes;
    }

    /// <summary>Finds the layers that must run to compute the outputs of some layers.</summary>
    /// <param name="layers">The indexes of the layers whose outputs to compute.</param>
    /// <returns>For each layer, whether it is one of these or one that they depend on, directly or indirectly.</returns>
    public bool[] FindRequired(IReadOnlyList<int> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        var required = new bool[Layers.Length];
        foreach (int layer in layers)
        {
            required[layer] = true;
        }

        for (int i = Layers.Length - 1; i >= 0; i--)
        {
            foreach (int source in Sources[i])
            {
                if (required[i] && source >= 0)
                {
                    required[source] = true;
                }
            }
        }

        return required;
    }

    /// <summary>Creates a table of the layers, their output shapes, and their parameter counts, as papers print it.</summary>
    /// <param name="weights">All parameters, to count those that remain after pruning; null, the default, to omit that column.</param>
    /// <returns>The table.</returns>
    /// <exception cref="ArgumentException">A parameter is missing, unknown, has the wrong shape, or is not finite.</exception>
    public NetworkTable ToTable(StateDict? weights = null) => new(this, weights);
}
