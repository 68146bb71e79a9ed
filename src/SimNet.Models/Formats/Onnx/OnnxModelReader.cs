using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// A file's messages as a model. One of this library's own carries the network in its metadata: where that network, written again, gives the
/// graph that is there, it is the model's to the last setting. Any other file, and one that was changed, is read by its graph.
/// </summary>
internal static class OnnxModelReader
{
    /// <exception cref="FormatException">The file is damaged, of a later version, or no network of layers.</exception>
    /// <exception cref="ArgumentException">Its parts do not fit.</exception>
    /// <exception cref="OverflowException">A size cannot be counted.</exception>
    /// <exception cref="ModelFormatException">The network in the metadata cannot be read.</exception>
    public static Model Read(ModelProto file, string? name, OnnxImportOptions options, CancellationToken cancellationToken)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in file.MetadataProps)
        {
            if (!texts.TryAdd(entry.Key, entry.Value))
            {
                throw new FormatException($"the metadata has '{entry.Key}' twice");
            }
        }

        if (texts.TryGetValue(Model.FormatKey, out string? format) && format != OnnxFile.FormatVersion)
        {
            throw new FormatException($"'{Model.FormatKey}' is '{format}'; this version of the library reads '{OnnxFile.FormatVersion}'");
        }

        ImmutableDictionary<string, string> metadata = texts.Where(entry => !entry.Key.StartsWith(Model.ReservedPrefix, StringComparison.Ordinal)).ToImmutableDictionary();
        string? embeddingLayer = texts.GetValueOrDefault(Model.EmbeddingLayerKey);
        if (format is not null && embeddingLayer is not null && texts.TryGetValue(Model.NetworkKey, out string? json) && file.Graph is not null)
        {
            Network network = NetworkJson.Read(json, name);
            if ((options.InputShape ?? network.InputShape) == network.InputShape && Weights(network, file) is { } weights)
            {
                return new Model(network, weights, options.EmbeddingLayer ?? embeddingLayer, metadata);
            }
        }

        return OnnxImport.Read(file, options, embeddingLayer, metadata, cancellationToken);
    }

    /// <summary>The network's weights where the file's graph is what the network gives; null where it is not.</summary>
    private static StateDict? Weights(Network network, ModelProto file)
    {
        var tensors = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        if (!file.Graph.Initializer.All(tensor => tensors.TryAdd(tensor.Name, tensor)))
        {
            return null;
        }

        // A parameter's tensor may have another name than it, but only where a layer has that.
        var graph = new OnnxGraph(network, [], parameter => tensors.GetValueOrDefault(parameter.Name) is { DataType: (int)TensorProto.Types.DataType.Float16 });
        bool isSame = file.OpsetImport is [{ Domain: "", Version: OnnxGraph.OperatorSet }]
            && graph.Graph.Node.Equals(file.Graph.Node)
            && graph.Graph.Input.Equals(file.Graph.Input)
            && graph.TensorNames.All(tensors.ContainsKey)
            && graph.Graph.Initializer.All(constant => constant.Equals(tensors.GetValueOrDefault(constant.Name)));
        return isSame ? new StateDict(network.Parameters.Select((parameter, i) => KeyValuePair.Create(parameter.Name, Weight(tensors[graph.TensorNames[i]])))) : null;
    }

    private static WeightTensor Weight(TensorProto tensor)
    {
        OnnxConstant constant = OnnxTensor.Read(tensor);
        return new WeightTensor(constant.Dimensions, constant.Numbers ?? throw new FormatException($"tensor '{tensor.Name}' has whole numbers; expected floating-point ones"));
    }
}
