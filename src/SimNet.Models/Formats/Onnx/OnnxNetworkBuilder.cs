using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Collects the layers and weights of a network during import.</summary>
/// <param name="input">The shape of one input sample.</param>
/// <param name="fixedBatch">The batch size that the graph requires; 0 for any.</param>
/// <param name="maxCopied">The number of values that may be allocated in addition to those in the file.</param>
internal sealed class OnnxNetworkBuilder(Shape input, int fixedBatch, long maxCopied)
{
    private readonly List<Layer> _layers = [];
    private readonly List<Shape> _shapes = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lastNumbers = new(StringComparer.Ordinal) { [Network.InputName] = 1 };
    private readonly Dictionary<string, WeightTensor> _weights = new(StringComparer.Ordinal);
    private long _copied;

    public OnnxFeatureMap Input { get; } = new(Network.InputName, input, OnnxLayout.Of(input));

    /// <summary>
    /// The batch size that the graph requires, mostly 1, because exporters compute shapes from those of an example; 0 for any.
    /// </summary>
    public int FixedBatch => fixedBatch;

    public IReadOnlyList<Layer> Layers => _layers;

    public int Count => _layers.Count;

    public IReadOnlyDictionary<string, WeightTensor> Weights => _weights;

    /// <summary>Gets the layer that produces a feature map; null for the input of the network.</summary>
    public Layer? ProducerOf(OnnxFeatureMap map) => _indexes.TryGetValue(map.Source, out int index) ? _layers[index] : null;

    /// <summary>Gets the output of a layer, or the input of the network, in the layout of a feature map of the same shape.</summary>
    public OnnxFeatureMap OutputOf(string source, OnnxLayout layout) => new(source, ShapeOf(source), layout);

    /// <summary>Appends a layer, making its name unique. The output has the dimensions [batch, channels, height, width].</summary>
    /// <param name="layer">The layer; this method sets its inputs.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="parameters">The parameters, in order.</param>
    /// <exception cref="FormatException">There are too many layers, or a parameter has the wrong shape.</exception>
    /// <exception cref="ArgumentException">The layer does not fit its inputs.</exception>
    public OnnxFeatureMap Append(Layer layer, OnnxFeatureMap[] inputs, params WeightTensor[] parameters)
    {
        if (_layers.Count == NetworkJson.MaxLayers)
        {
            throw new FormatException($"there are more than {NetworkJson.MaxLayers} layers");
        }

        layer = layer with { Name = UniqueName(layer.Name), Inputs = [.. inputs.Select(map => map.Source)] };
        Shape[] shapes = [.. inputs.Select(map => map.Shape)];
        Shape shape = layer.InferShape(shapes);
        ImmutableArray<ParameterInfo> expected = layer.GetParameters(shapes);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!parameters[i].Dimensions.AsSpan().SequenceEqual(expected[i].Dimensions.AsSpan()))
            {
                throw new FormatException(
                    $"'{expected[i].Name}' has shape [{string.Join(", ", parameters[i].Dimensions)}]; "
                    + $"expected [{string.Join(", ", expected[i].Dimensions)}]");
            }

            _weights.Add(expected[i].Name, parameters[i]);
        }

        _indexes.Add(layer.Name, _layers.Count);
        _layers.Add(layer);
        _shapes.Add(shape);
        return new OnnxFeatureMap(layer.Name, shape, OnnxLayout.Of(shape));
    }

    /// <summary>Adds a bias to a convolution that has none.</summary>
    public void SetBias(Conv2d convolution, float[] bias)
    {
        _layers[_indexes[convolution.Name]] = convolution with { HasBias = true };
        _weights.Add($"{convolution.Name}.bias", new WeightTensor([bias.Length], bias));
    }

    /// <summary>Replaces a parameter by one of the same shape.</summary>
    public void SetParameter(string name, float[] values) => _weights[name] = new WeightTensor(_weights[name].Dimensions, values);

    /// <summary>Counts values that are not in the file against the budget, because a few bytes of graph can create any number.</summary>
    public void Reserve(long values)
    {
        _copied += values;
        if (_copied > maxCopied)
        {
            throw new FormatException($"the constants expand to more than {maxCopied} values");
        }
    }

    /// <summary>Allocates values and counts them against the budget.</summary>
    public float[] Allocate(long values)
    {
        Reserve(values);
        return new float[values];
    }

    private Shape ShapeOf(string source) => source == Network.InputName ? input : _shapes[_indexes[source]];

    private string UniqueName(string name)
    {
        string fresh = name;
        while (_indexes.ContainsKey(fresh) || fresh == Network.InputName)
        {
            int number = _lastNumbers[name] = _lastNumbers.GetValueOrDefault(name, 1) + 1;
            fresh = $"{name}_{number}";
        }

        return fresh;
    }
}
