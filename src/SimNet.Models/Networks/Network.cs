using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// A network as data: an input shape and an immutable list of <see cref="Layer"/>s with named inputs, in an order in which
/// every layer stands after those it takes from. It knows shapes and parameters and computes nothing.
/// </summary>
public sealed class Network
{
    /// <summary>The name under which layers refer to the network's input.</summary>
    public const string InputName = "input";

    private readonly Dictionary<string, int> _indexByName;

    /// <summary>Checks and builds a network.</summary>
    /// <param name="name">What the network is called, such as <c>dae</c>.</param>
    /// <param name="input">Shape of one input sample.</param>
    /// <param name="layers">At least one layer; the last one's output is the network's.</param>
    /// <exception cref="ArgumentException">A name is used twice, an input is not an earlier layer, or shapes do not fit; the message names the layer.</exception>
    public Network(string name, Shape input, IEnumerable<Layer> layers)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(layers);
        if (input.Channels < 1 || input.Height < 1 || input.Width < 1)
        {
            throw new ArgumentException($"Input shape {input}; expected at least 1x1x1.", nameof(input));
        }

        Name = name;
        InputShape = input;
        Layers = [.. layers];
        if (Layers.IsEmpty)
        {
            throw new ArgumentException("A network has at least one layer; got none.", nameof(layers));
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
                    : throw new ArgumentException($"Layer '{layer.Name}' takes from '{source}', which is no earlier layer.", nameof(layers)))];
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

    /// <summary>What the network is called.</summary>
    public string Name { get; }

    /// <summary>Shape of one input sample.</summary>
    public Shape InputShape { get; }

    /// <summary>Shape of one sample of the last layer's output.</summary>
    public Shape OutputShape => OutputShapes[^1];

    /// <summary>The layers, in order.</summary>
    public ImmutableArray<Layer> Layers { get; }

    /// <summary>Shape of each layer's output.</summary>
    public ImmutableArray<Shape> OutputShapes { get; }

    /// <summary>For each layer the numbers of the layers it takes from; -1 for the network's input.</summary>
    public ImmutableArray<ImmutableArray<int>> Sources { get; }

    /// <summary>For each layer its parameters.</summary>
    public ImmutableArray<ImmutableArray<ParameterInfo>> ParametersByLayer { get; }

    /// <summary>All parameters, in the layers' order.</summary>
    public ImmutableArray<ParameterInfo> Parameters { get; }

    /// <summary>Number of values in all parameters, batch norm's running statistics among them (as Keras counts).</summary>
    public int ParameterCount => Parameters.Sum(p => p.Count);

    /// <summary>Number of values that gradients change.</summary>
    public int TrainableParameterCount => Parameters.Sum(p => p.Trainable ? p.Count : 0);

    /// <summary>The number of the layer of this name in <see cref="Layers"/>; -1 for <see cref="InputName"/>.</summary>
    /// <exception cref="ArgumentException">No layer has that name.</exception>
    public int IndexOf(string name) => _indexByName.TryGetValue(name, out int index)
        ? index
        : throw new ArgumentException($"Network '{Name}' has no layer '{name}'; it has {string.Join(", ", Layers.Select(l => l.Name))}.", nameof(name));

    /// <summary>The indexes of named layers in <see cref="Layers"/>.</summary>
    /// <param name="names">At least one name of a layer.</param>
    /// <returns>The indexes, in the order of the names.</returns>
    /// <exception cref="ArgumentException">There is no name, or one is not a layer's.</exception>
    public int[] IndexesOf(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0)
        {
            throw new ArgumentException("No outputs; expected at least one name of a layer.", nameof(names));
        }

        int[] indexes = [.. names.Select(IndexOf)];
        return indexes.Contains(-1)
            ? throw new ArgumentException($"'{InputName}' is the network's input; expected names of layers.", nameof(names))
            : indexes;
    }

    /// <summary>Which layers must run to compute some of them.</summary>
    /// <param name="layers">Indexes of the layers whose outputs are wanted.</param>
    /// <returns>One value per layer; true for the wanted layers and for all that they take from, directly or through others.</returns>
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

    /// <summary>The network's layers, output shapes and parameters as the papers print them.</summary>
    /// <param name="weights">Its parameters, to count what pruning has left of them; null, the default, for a table without that.</param>
    /// <exception cref="ArgumentException">A parameter is missing, unknown, of another shape or not finite.</exception>
    public NetworkTable ToTable(StateDict? weights = null) => new(this, weights);
}
