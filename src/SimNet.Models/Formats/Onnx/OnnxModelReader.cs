using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// Reads a model from a parsed file. A file of this library has the network in its metadata, which is used if it matches the graph. Any
/// other file is imported by its graph.
/// </summary>
internal static class OnnxModelReader
{
    /// <exception cref="FormatException">The file is damaged, has a newer version, or is not supported.</exception>
    /// <exception cref="ArgumentException">The content is inconsistent.</exception>
    /// <exception cref="OverflowException">A size overflows.</exception>
    /// <exception cref="ModelFormatException">The network in the metadata is damaged.</exception>
    public static Model Read(ModelProto file, string? name, OnnxImportOptions options, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in file.MetadataProps)
        {
            if (!entries.TryAdd(entry.Key, entry.Value))
            {
                throw new FormatException($"the metadata '{entry.Key}' occurs twice");
            }
        }

        if (entries.TryGetValue(Model.FormatKey, out string? format) && format != OnnxFile.FormatVersion)
        {
            throw new FormatException(
                $"'{Model.FormatKey}' is '{format}'; this version of the library reads '{OnnxFile.FormatVersion}'");
        }

        ImmutableDictionary<string, string> metadata = entries
            .Where(entry => !entry.Key.StartsWith(Model.ReservedPrefix, StringComparison.Ordinal))
            .ToImmutableDictionary();
        string? embeddingLayer = entries.GetValueOrDefault(Model.EmbeddingLayerKey);
        if (format is not null
            && embeddingLayer is not null
            && entries.TryGetValue(Model.NetworkKey, out string? json)
            && file.Graph is not null)
        {
            Network network = NetworkJson.Read(json, name);
            if ((options.InputShape ?? network.InputShape) == network.InputShape && Weights(network, file) is { } weights)
            {
                return new Model(network, weights, options.EmbeddingLayer ?? embeddingLayer, metadata);
            }
        }

        return OnnxImporter.Read(file, options, embeddingLayer, metadata, cancellationToken);
    }

    /// <summary>Reads the weights if the graph of the file is the one that the network gives; otherwise, returns null.</summary>
    private static StateDict? Weights(Network network, ModelProto file)
    {
        var tensors = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        if (!file.Graph.Initializer.All(tensor => tensors.TryAdd(tensor.Name, tensor)))
        {
            return null;
        }

        var graph = new OnnxGraphBuilder(
            network,
            [],
            parameter => tensors.GetValueOrDefault(parameter.Name) is { DataType: (int)TensorProto.Types.DataType.Float16 });
        bool isSame = file.OpsetImport is [{ Domain: "", Version: OnnxGraphBuilder.OperatorSet }]
            && graph.Graph.Node.Equals(file.Graph.Node)
            && graph.Graph.Input.Equals(file.Graph.Input)
            && graph.TensorNames.All(tensors.ContainsKey)
            && graph.Graph.Initializer.All(constant => constant.Equals(tensors.GetValueOrDefault(constant.Name)));
        return !isSame
            ? null
            : new StateDict(network.Parameters.Select((parameter, i) =>
                KeyValuePair.Create(parameter.Name, Weight(tensors[graph.TensorNames[i]]))));
    }

    private static WeightTensor Weight(TensorProto tensor)
    {
        OnnxConstant constant = OnnxTensor.Read(tensor);
        return new WeightTensor(
            constant.Dimensions,
            constant.Numbers ?? throw new FormatException($"tensor '{tensor.Name}' holds integers; expected floating-point numbers"));
    }
}
