using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;

namespace SimNet.Models;

/// <summary>
/// Writes networks as ONNX (https://onnx.ai) files and imports convolutional networks from them. Writes operator set 17 and IR version 8
/// with a dynamic batch size; reads operator sets 7 to 24. The remarks on <see cref="Model"/> compare the format with safetensors.
/// </summary>
/// <remarks>
/// The input is named <c>input</c>, the nodes and values have the names of layers, and the initializers those of parameters. The metadata
/// of a model is stored with the network as JSON in the metadata of the file, so that reading restores the same model. If another program
/// has since changed the graph, the graph is imported instead. Files need not be trusted: lengths, counts, and shapes are validated before
/// memory is allocated.
/// </remarks>
public static class OnnxFile
{
    /// <summary>The extension of ONNX files.</summary>
    internal const string Extension = ".onnx";

    internal const string FormatVersion = "onnx 1";

    private const int ChunkBytes = 1 << 24;

    /// <summary>The size limit of Protocol Buffers.</summary>
    private const long LargestFile = int.MaxValue;

    /// <summary>Writes a model to a file atomically.</summary>
    /// <param name="path">The path of the file, which is replaced if it exists.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">The options; null for <see cref="OnnxExportOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">
    /// An output is not a layer, a name or a metadata value is not valid Unicode, or the file would exceed 2 GB.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Model model, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto proto = ProtoOf(model, options);
        AtomicFile.Write(path, proto.WriteTo);
    }

    /// <summary>Writes a model to a stream.</summary>
    /// <param name="stream">The stream, which stays open.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">The options; null for <see cref="OnnxExportOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">
    /// An output is not a layer, a name or a metadata value is not valid Unicode, or the file would exceed 2 GB.
    /// </exception>
    public static void Write(Stream stream, Model model, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ProtoOf(model, options).WriteTo(stream);
    }

    /// <summary>Writes the part of a network that its outputs depend on, for another runtime, without metadata.</summary>
    /// <param name="stream">The stream, which stays open.</param>
    /// <param name="network">The network.</param>
    /// <param name="weights">All parameters of the network, by full name.</param>
    /// <param name="outputs">Names of the layers that are outputs of the file, in order; duplicates are omitted.</param>
    /// <param name="options">
    /// The options; null for <see cref="OnnxExportOptions.Default"/>. <see cref="OnnxExportOptions.Outputs"/> is ignored.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The weights do not belong to the network, there are no outputs or one is not a layer, a name is not valid Unicode, or the file would
    /// exceed 2 GB.
    /// </exception>
    public static void Write(
        Stream stream, Network network, StateDict weights, IReadOnlyList<string> outputs, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(outputs);
        int[] wanted = network.IndexesOf(outputs);
        RequireSizeWithinLimit(network, options);
        WeightValidation.Validate(network, weights, nameof(weights));
        ProtoOf(Subnetwork.RequiredBy(network, wanted), weights, outputs, options ?? OnnxExportOptions.Default, metadata: _ => [])
            .WriteTo(stream);
    }

    /// <summary>Reads a model from a file that this library wrote, or imports one whose operators are supported.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="options">The options; null for <see cref="OnnxImportOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelFormatException">
    /// The file is damaged, exceeds a limit, or has an unsupported node; the message names the node.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static Model Read(string path, OnnxImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Read(stream, path, options ?? OnnxImportOptions.Default, cancellationToken);
    }

    /// <summary>Reads a model from a stream, from its position to its end.</summary>
    /// <param name="stream">The stream, which stays open. A stream that cannot seek is first read into memory.</param>
    /// <param name="options">The options; null for <see cref="OnnxImportOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelFormatException">
    /// The content is damaged, exceeds a limit, or has an unsupported node; the message names the node.
    /// </exception>
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

    /// <summary>
    /// Converts a file of double precision to single precision, for runtimes without operators of double precision.
    /// </summary>
    /// <param name="path">The path of the file, which is not changed.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The converted file; null if nothing in the file has double precision, or if it has subgraphs.</returns>
    /// <exception cref="ModelFormatException">The file is damaged, or has a value that float32 cannot represent.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static byte[]? ConvertToSinglePrecision(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        ModelProto model = Parse(stream, path, OnnxImportOptions.Default, cancellationToken);
        try
        {
            return OnnxPrecision.TryNarrow(model) ? model.ToByteArray() : null;
        }
        catch (FormatException exception)
        {
            throw new ModelFormatException(exception.Message, path, innerException: exception);
        }
    }

    /// <summary>Reads a seekable stream. The file name is for messages.</summary>
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
    /// Determines whether a file starts like ONNX, with a field of its top-level message. A safetensors file starts with the length of its
    /// header, whose upper four bytes are 0, and a brace.
    /// </summary>
    internal static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length > SafetensorsHeader.PrefixBytes
        && !(start[SafetensorsHeader.PrefixBytes] == '{' && start[4..SafetensorsHeader.PrefixBytes].IndexOfAnyExcept((byte)0) < 0)
        && start[0] is 0x08 or 0x12 or 0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42 or 0x72;

    /// <summary>Parses a file. Its bytes can be garbage-collected afterward.</summary>
    private static ModelProto Parse(Stream stream, string? file, OnnxImportOptions options, CancellationToken cancellationToken)
    {
        long length = stream.Length - stream.Position, most = Math.Min(options.MaxFileBytes, Array.MaxLength);
        if (length > most)
        {
            throw new ModelFormatException(
                $"the file has {length} bytes; {nameof(OnnxImportOptions)}.{nameof(OnnxImportOptions.MaxFileBytes)} is {most}", file);
        }

        byte[] bytes = new byte[length];
        try
        {
            for (int done = 0; done < bytes.Length; done += ChunkBytes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                stream.ReadExactly(bytes, done, Math.Min(ChunkBytes, bytes.Length - done));
            }

            WireFormatValidator.Validate(bytes, file);
            return ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw new ModelFormatException("the file was truncated while being read", file, innerException: exception);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ModelFormatException($"the file is not valid ONNX: {exception.Message}", file, innerException: exception);
        }
    }

    private static ModelProto ProtoOf(Model model, OnnxExportOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= OnnxExportOptions.Default;
        bool isWhole = options.Outputs.IsDefaultOrEmpty;
        ImmutableArray<string> outputs = isWhole ? [model.Network.Layers[^1].Name, model.EmbeddingLayer] : options.Outputs;
        Network network = isWhole
            ? model.Network
            : Subnetwork.RequiredBy(model.Network, model.Network.IndexesOf(outputs));
        RequireSizeWithinLimit(network, options);
        return ProtoOf(network, model.Weights, outputs, options, written =>
        [
            .. model.Metadata,
            KeyValuePair.Create(Model.FormatKey, FormatVersion),
            KeyValuePair.Create(Model.NetworkKey, NetworkJson.Write(written)),

            // If the embedding layer is not exported, the first output takes its place.
            KeyValuePair.Create(
                Model.EmbeddingLayerKey,
                written.Layers.Any(layer => layer.Name == model.EmbeddingLayer) ? model.EmbeddingLayer : outputs[0]),
        ]);
    }

    private static ModelProto ProtoOf(
        Network network,
        StateDict weights,
        IReadOnlyList<string> outputs,
        OnnxExportOptions options,
        Func<Network, IEnumerable<KeyValuePair<string, string>>> metadata)
    {
        weights = Subnetwork.WeightsOf(network, weights);
        if (options.FoldBatchNorm)
        {
            (network, weights) = BatchNormFolding.Fold(network, weights, outputs);
        }

        var inHalf = network.Parameters
            .Where(parameter => options.HalfPrecision && Model.FitsHalf(weights[parameter.Name]))
            .Select(parameter => parameter.Name)
            .ToHashSet(StringComparer.Ordinal);
        var graph = new OnnxGraphBuilder(network, outputs, parameter => inHalf.Contains(parameter.Name));
        var proto = new ModelProto { IrVersion = 8, ProducerName = typeof(OnnxFile).Namespace, Graph = graph.Graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxGraphBuilder.OperatorSet });
        foreach ((string key, string value) in metadata(network).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            proto.MetadataProps.Add(new StringStringEntryProto { Key = Valid(key), Value = Valid(value) });
        }

        RequireSizeWithinLimit(network, options, proto.CalculateSize());
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

    /// <summary>Checks the approximate size of the file before memory for it is allocated.</summary>
    private static void RequireSizeWithinLimit(Network network, OnnxExportOptions? options, long besides = 0)
    {
        long bytes = besides;
        foreach (ParameterInfo parameter in network.Parameters)
        {
            // Dimensions and lengths take less than 100 bytes in addition to the name.
            long count = 1;
            foreach (int dimension in parameter.Dimensions)
            {
                count *= dimension;
            }

            int size = options is { HalfPrecision: true } && parameter.Dimensions.Length == 4 ? sizeof(short) : sizeof(float);
            bytes += count * size + 100 + (3L * parameter.Name.Length);
        }

        if (bytes > LargestFile)
        {
            throw new ArgumentException(
                $"Network '{network.Name}' needs {bytes} bytes as ONNX; a file has at most {LargestFile}, "
                + "and external data is not supported.",
                nameof(network));
        }
    }

    /// <summary>Rejects unpaired surrogates, which Protocol Buffers cannot represent.</summary>
    private static string Valid(string text)
    {
        for (int i = 0; i < text.Length; i += char.IsSurrogate(text[i]) ? 2 : 1)
        {
            if (!Rune.TryGetRuneAt(text, i, out _))
            {
                throw new ArgumentException($"'{text}' is not valid Unicode: it has an unpaired surrogate at index {i}.", nameof(text));
            }
        }

        return text;
    }
}
