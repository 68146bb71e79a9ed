using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>The layers and weights that a graph's nodes become, one after another.</summary>
/// <param name="input">Shape of one input sample.</param>
/// <param name="maxCopied">Number of values that may be made beyond those in the file.</param>
internal sealed class OnnxLayers(Shape input, long maxCopied)
{
    private readonly List<Layer> _layers = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lastNumbers = new(StringComparer.Ordinal) { [Network.InputName] = 1 };
    private readonly Dictionary<string, WeightTensor> _weights = new(StringComparer.Ordinal);
    private long _copied;

    public OnnxMap Input { get; } = new(Network.InputName, input, IsFlat: false);

    public IReadOnlyList<Layer> Layers => _layers;

    public int Count => _layers.Count;

    public IReadOnlyDictionary<string, WeightTensor> Weights => _weights;

    /// <summary>The layer that makes a map; null for the network's input.</summary>
    public Layer? MakerOf(OnnxMap map) => _indexes.TryGetValue(map.Source, out int index) ? _layers[index] : null;

    /// <summary>Appends a layer under the name, or one like it that no layer has.</summary>
    /// <param name="layer">The layer; its inputs are named here.</param>
    /// <param name="isFlat">Whether the graph sees two dimensions.</param>
    /// <param name="inputs">What it takes.</param>
    /// <param name="parameters">Its parameters in order.</param>
    /// <exception cref="FormatException">There are too many layers, or a parameter's dimensions are not what the layer asks for.</exception>
    /// <exception cref="ArgumentException">The layer does not fit its inputs.</exception>
    public OnnxMap Append(Layer layer, bool isFlat, OnnxMap[] inputs, params WeightTensor[] parameters)
    {
        if (_layers.Count == NetworkJson.MaxLayers)
        {
            throw new FormatException($"more than {NetworkJson.MaxLayers} layers");
        }

        layer = layer with { Name = Fresh(layer.Name), Inputs = [.. inputs.Select(map => map.Source)] };
        Shape[] shapes = [.. inputs.Select(map => map.Shape)];
        Shape shape = layer.InferShape(shapes);
        ImmutableArray<ParameterInfo> expected = layer.GetParameters(shapes);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!parameters[i].Dimensions.AsSpan().SequenceEqual(expected[i].Dimensions.AsSpan()))
            {
                throw new FormatException($"'{expected[i].Name}' is [{string.Join(", ", parameters[i].Dimensions)}]; expected [{string.Join(", ", expected[i].Dimensions)}]");
            }

            _weights.Add(expected[i].Name, parameters[i]);
        }

        _indexes.Add(layer.Name, _layers.Count);
        _layers.Add(layer);
        return new OnnxMap(layer.Name, shape, isFlat);
    }

    /// <summary>Gives a convolution that has none a bias.</summary>
    public void SetBias(Conv2d convolution, float[] bias)
    {
        _layers[_indexes[convolution.Name]] = convolution with { HasBias = true };
        _weights.Add($"{convolution.Name}.bias", new WeightTensor([bias.Length], bias));
    }

    /// <summary>Counts values that are not the file's own, of which a few bytes of graph could make any number.</summary>
    public void Charge(long values)
    {
        _copied += values;
        if (_copied > maxCopied)
        {
            throw new FormatException($"the constants would become more than {maxCopied} values");
        }
    }

    /// <summary>Memory for values that are counted so.</summary>
    public float[] Take(long values)
    {
        Charge(values);
        return new float[values];
    }

    private string Fresh(string name)
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
