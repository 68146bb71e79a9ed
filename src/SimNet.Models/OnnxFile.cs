using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;

namespace SimNet.Models;

/// <summary>
/// Writes networks as ONNX (https://onnx.ai), the form that other runtimes read: operator set 17, IR version 8, a batch of any size.
/// </summary>
/// <remarks>
/// The input is called <c>input</c>, a layer's value and node have the layer's name, weights their parameters' names. A model's metadata
/// stands in the file's own, with the network as this library writes it, so that reading gives back the same model.
/// </remarks>
public static class OnnxFile
{
    internal const string FormatVersion = "onnx 1";

    /// <summary>The longest message that Protocol Buffers' libraries read.</summary>
    private const long LargestFile = int.MaxValue;

    /// <summary>Writes a model to a file, as a whole or not at all.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">What and how; <see cref="OnnxExportOptions.Default"/> when null.</param>
    /// <exception cref="ArgumentException">An output is no layer, a name or a text is no valid Unicode, or the file would be larger than 2 GB.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Model model, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto proto = ProtoOf(model, options);
        AtomicFile.Write(path, proto.WriteTo);
    }

    /// <summary>Writes a model to a stream.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">What and how; <see cref="OnnxExportOptions.Default"/> when null.</param>
    /// <exception cref="ArgumentException">An output is no layer, a name or a text is no valid Unicode, or the file would be larger than 2 GB.</exception>
    public static void Write(Stream stream, Model model, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ProtoOf(model, options).WriteTo(stream);
    }

    /// <summary>Writes the layers of a network that some outputs need, for another runtime to run; the file has no metadata.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">All its parameters under their full names.</param>
    /// <param name="outputs">Names of the layers whose values the file puts out, in that order; one that is named twice stands once.</param>
    /// <param name="options">How; <see cref="OnnxExportOptions.Default"/> when null. Its <see cref="OnnxExportOptions.Outputs"/> are not looked at.</param>
    /// <exception cref="ArgumentException">A weight is missing or does not fit, there is no output or one is no layer, a name is no valid Unicode, or the file would be larger than 2 GB.</exception>
    public static void Write(Stream stream, Network network, StateDict weights, IReadOnlyList<string> outputs, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(outputs);
        if (outputs.Count == 0)
        {
            throw new ArgumentException("No outputs; expected at least one name of a layer.", nameof(outputs));
        }

        RequireModestSize(network, options);
        WeightCheck.Require(network, weights, nameof(weights));
        ProtoOf(NetworkPart.NeededBy(network, outputs), weights, outputs, options ?? OnnxExportOptions.Default, metadata: _ => []).WriteTo(stream);
    }

    private static ModelProto ProtoOf(Model model, OnnxExportOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= OnnxExportOptions.Default;
        bool isWhole = options.Outputs.IsDefaultOrEmpty;
        ImmutableArray<string> outputs = isWhole ? [model.Network.Layers[^1].Name, model.EmbeddingLayer] : options.Outputs;
        Network network = isWhole ? model.Network : NetworkPart.NeededBy(model.Network, outputs);
        RequireModestSize(network, options);
        return ProtoOf(network, model.Weights, outputs, options, written =>
        [
            .. model.Metadata,
            KeyValuePair.Create(Model.FormatKey, FormatVersion),
            KeyValuePair.Create(Model.NetworkKey, NetworkJson.Write(written)),

            // Without the embedding layer, what is put out is what the file is for.
            KeyValuePair.Create(Model.EmbeddingLayerKey, written.Layers.Any(layer => layer.Name == model.EmbeddingLayer) ? model.EmbeddingLayer : outputs[0]),
        ]);
    }

    private static ModelProto ProtoOf(
        Network network, StateDict weights, IReadOnlyList<string> outputs, OnnxExportOptions options, Func<Network, IEnumerable<KeyValuePair<string, string>>> metadata)
    {
        weights = NetworkPart.WeightsOf(network, weights);
        if (options.FoldBatchNorm)
        {
            (network, weights) = NetworkPart.FoldNorms(network, weights, outputs.ToHashSet(StringComparer.Ordinal));
        }

        var inHalf = network.Parameters.Where(parameter => options.HalfPrecision && Model.FitsHalf(weights[parameter.Name])).Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        var graph = new OnnxGraph(network, outputs, parameter => inHalf.Contains(parameter.Name));
        var proto = new ModelProto { IrVersion = 8, ProducerName = typeof(OnnxFile).Namespace, Graph = graph.Graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxGraph.OperatorSet });
        foreach ((string key, string value) in metadata(network).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            proto.MetadataProps.Add(new StringStringEntryProto { Key = Valid(key), Value = Valid(value) });
        }

        RequireModestSize(network, options, proto.CalculateSize());
        for (int i = 0; i < network.Parameters.Length; i++)
        {
            string name = network.Parameters[i].Name;
            graph.Graph.Initializer.Add(OnnxTensor.Write(Valid(graph.TensorNames[i]), weights[name], inHalf.Contains(name)));
        }

        foreach (Layer layer in network.Layers)
        {
            Valid(layer.Name);
        }

        Valid(network.Name);
        return proto;
    }

    /// <summary>Refuses what would be too large before memory is taken for it.</summary>
    private static void RequireModestSize(Network network, OnnxExportOptions? options, long besides = 0)
    {
        long bytes = besides;
        foreach (ParameterInfo parameter in network.Parameters)
        {
            // Name, dimensions and lengths take less than 100 bytes and the name.
            long count = 1;
            foreach (int dimension in parameter.Dimensions)
            {
                count *= dimension;
            }

            bytes += count * (options is { HalfPrecision: true } && parameter.Dimensions.Length == 4 ? sizeof(short) : sizeof(float)) + 100 + (3L * parameter.Name.Length);
        }

        if (bytes > LargestFile)
        {
            throw new ArgumentException($"Network '{network.Name}' would take {bytes} bytes as ONNX; a file has at most {LargestFile}, and weights in files beside it are not supported.", nameof(network));
        }
    }

    /// <summary>Protocol Buffers' texts have no form for half a surrogate pair.</summary>
    private static string Valid(string text)
    {
        for (int i = 0; i < text.Length; i += char.IsSurrogate(text[i]) ? 2 : 1)
        {
            if (!Rune.TryGetRuneAt(text, i, out _))
            {
                throw new ArgumentException($"'{text}' is no valid Unicode: half a surrogate pair at character {i}.", nameof(text));
            }
        }

        return text;
    }
}
