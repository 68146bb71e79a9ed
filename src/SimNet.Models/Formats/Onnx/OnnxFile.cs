using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;

namespace SimNet.Models;

/// <summary>
/// Writes networks as ONNX (https://onnx.ai), the form that other runtimes read, and reads convolutional networks from such files:
/// operator set 17 and IR version 8 are written, a batch of any size; operator sets 7 to 21 are read.
/// </summary>
/// <remarks>
/// The input is called <c>input</c>, a layer's value and node have the layer's name, weights their parameters' names. A model's metadata
/// stands in the file's own, with the network as this library writes it, so that reading gives back the same model; a file that another
/// program has changed since is read by its graph. Files are not trusted: lengths, numbers and shapes are checked before memory is taken.
/// </remarks>
public static class OnnxFile
{
    /// <summary>The ending of ONNX files' names.</summary>
    internal const string Extension = ".onnx";

    internal const string FormatVersion = "onnx 1";

    private const int ChunkBytes = 1 << 24;

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
        int[] wanted = network.IndexesOf(outputs);
        RequireModestSize(network, options);
        WeightCheck.Require(network, weights, nameof(weights));
        ProtoOf(Subnetwork.RequiredBy(network, wanted), weights, outputs, options ?? OnnxExportOptions.Default, metadata: _ => []).WriteTo(stream);
    }

    /// <summary>Reads a model from a file: one that this library wrote, or any of the operators that its layers know.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The embedding layer, a free input's shape, and limits; <see cref="OnnxImportOptions.Default"/> when null.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ModelFormatException">The file is damaged, over a limit, or has a node that no layer can do; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static Model Read(string path, OnnxImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Read(stream, path, options ?? OnnxImportOptions.Default, cancellationToken);
    }

    /// <summary>Reads a model from a stream, from where it stands to its end.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="options">The embedding layer, a free input's shape, and limits; <see cref="OnnxImportOptions.Default"/> when null.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ModelFormatException">The content is damaged, over a limit, or has a node that no layer can do; the message names it.</exception>
    public static Model Read(Stream stream, OnnxImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= OnnxImportOptions.Default;
        string? name = (stream as FileStream)?.Name;
        if (stream.CanSeek)
        {
            return Read(stream, name, options, cancellationToken);
        }

        using MemoryStream buffered = SafetensorsFile.Buffer(stream, Math.Min(options.MaxFileBytes, Array.MaxLength), cancellationToken);
        return Read(buffered, name, options, cancellationToken);
    }

    /// <summary>Reads a stream that can seek, under this name.</summary>
    internal static Model Read(Stream stream, string? file, OnnxImportOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return OnnxModelReader.Read(Parse(stream, file, options, cancellationToken), file, options, cancellationToken);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException(exception.Message, file, innerException: exception);
        }
    }

    /// <summary>
    /// Whether a file begins as ONNX does, by a field of its outer message. Safetensors files begin with a header's length, of which the upper
    /// four bytes are 0, and the header's brace.
    /// </summary>
    internal static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length > SafetensorsHeader.PrefixBytes
        && !(start[SafetensorsHeader.PrefixBytes] == '{' && start[4..SafetensorsHeader.PrefixBytes].IndexOfAnyExcept((byte)0) < 0)
        && start[0] is 0x08 or 0x12 or 0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42 or 0x72;

    /// <summary>The file's messages. The bytes they are made from are free again when this is done.</summary>
    private static ModelProto Parse(Stream stream, string? file, OnnxImportOptions options, CancellationToken cancellationToken)
    {
        long length = stream.Length - stream.Position, most = Math.Min(options.MaxFileBytes, Array.MaxLength);
        if (length > most)
        {
            throw new ModelFormatException($"{length} bytes; at most {most} are read ({nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.MaxFileBytes)})", file);
        }

        byte[] bytes = new byte[length];
        try
        {
            for (int done = 0; done < bytes.Length; done += ChunkBytes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                stream.ReadExactly(bytes, done, Math.Min(ChunkBytes, bytes.Length - done));
            }

            WireCheck.Require(bytes, file);
            return ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw new ModelFormatException("the file became shorter while it was read", file, innerException: exception);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ModelFormatException($"no ONNX file that can be read: {exception.Message}", file, innerException: exception);
        }
    }

    private static ModelProto ProtoOf(Model model, OnnxExportOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= OnnxExportOptions.Default;
        bool isWhole = options.Outputs.IsDefaultOrEmpty;
        ImmutableArray<string> outputs = isWhole ? [model.Network.Layers[^1].Name, model.EmbeddingLayer] : options.Outputs;
        Network network = isWhole ? model.Network : Subnetwork.RequiredBy(model.Network, model.Network.IndexesOf(outputs));
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
        weights = Subnetwork.WeightsOf(network, weights);
        if (options.FoldBatchNorm)
        {
            (network, weights) = BatchNormFolding.Fold(network, weights, outputs);
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
