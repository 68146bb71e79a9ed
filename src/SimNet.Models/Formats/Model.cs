using System.Collections.Immutable;
using System.Security.Cryptography;

namespace SimNet.Models;

/// <summary>
/// A trained network with everything needed to use it: the layers, the weights, the embedding layer, and metadata such as how images are
/// preprocessed and the names of classes. Immutable; stored in one file.
/// </summary>
/// <remarks>
/// <para>
/// A model is stored in one of two formats, which <see cref="Save(string, ModelSaveOptions?)"/> selects by the file extension and
/// <see cref="Load(string, SafetensorsOptions?, CancellationToken)"/> detects by content. Both restore the same model.
/// </para>
/// <para>
/// Safetensors is the format of this library: it maps directly to weights, is canonical (so it defines <see cref="Id"/>), can be smaller
/// (<see cref="ModelSaveOptions.Sparse"/>), and also stores training checkpoints. PyTorch and others read the weights, but not the
/// network, which is JSON in the metadata.
/// </para>
/// <para>
/// ONNX (extension <c>.onnx</c>; see <see cref="OnnxFile"/>) is the format for exchange: its graph runs in any ONNX runtime, and networks
/// trained elsewhere are imported from it. It describes inference and has no form for sparse tensors.
/// </para>
/// <para>
/// The metadata of either format holds <see cref="Metadata"/> and, under names that start with <c>simnet.</c>, the format version, the
/// network, and the embedding layer.
/// </para>
/// </remarks>
public sealed class Model
{
    /// <summary>The prefix of metadata names that are reserved for the file format.</summary>
    public const string ReservedPrefix = "simnet.";

    internal const string FormatKey = ReservedPrefix + "format";
    internal const string NetworkKey = ReservedPrefix + "network";
    internal const string EmbeddingLayerKey = ReservedPrefix + "embedding_layer";
    private const string FormatVersion = "model 1";

    private readonly ImmutableSortedDictionary<string, string> _metadata;
    private readonly Lazy<string> _id;

    /// <summary>Initializes and validates a model.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All parameters of the network, by full name, and no other tensors. All values are finite.</param>
    /// <param name="embeddingLayer">The name of the layer whose output is the embedding.</param>
    /// <param name="metadata">
    /// Application-defined strings, by name; null for none. Names that start with <see cref="ReservedPrefix"/> are reserved.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A parameter is missing, unknown, has the wrong shape, or is not finite; the embedding layer does not exist; or a metadata name is
    /// reserved.
    /// </exception>
    public Model(Network network, StateDict weights, string embeddingLayer, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(embeddingLayer);
        int embedding = network.IndexOf(embeddingLayer);
        if (embedding < 0)
        {
            throw new ArgumentException(
                $"The embedding layer '{embeddingLayer}' is the input of the network; expected a layer.", nameof(embeddingLayer));
        }

        WeightValidation.Validate(network, weights, nameof(weights));
        _metadata = (metadata ?? ImmutableDictionary<string, string>.Empty).ToImmutableSortedDictionary(StringComparer.Ordinal);
        if (_metadata.Keys.FirstOrDefault(key => key.StartsWith(ReservedPrefix, StringComparison.Ordinal)) is { } reserved)
        {
            throw new ArgumentException(
                $"The metadata name '{reserved}' is reserved; expected a name that does not start with '{ReservedPrefix}'.",
                nameof(metadata));
        }

        Network = network;
        Weights = weights;
        EmbeddingLayer = embeddingLayer;
        EmbeddingShape = network.OutputShapes[embedding];
        _id = new Lazy<string>(ComputeId);
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>All parameters of the network, by full name.</summary>
    public StateDict Weights { get; }

    /// <summary>The name of the layer whose output is the embedding.</summary>
    public string EmbeddingLayer { get; }

    /// <summary>The shape of the embedding of one sample.</summary>
    public Shape EmbeddingShape { get; }

    /// <summary>Application-defined strings, such as how images are preprocessed, sorted by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>
    /// A fingerprint of the network, weights, embedding layer, and metadata: the SHA-256 hash of the model as safetensors with default
    /// options, as 64 lowercase hexadecimal digits. Do not mix vectors of models with different IDs in one index.
    /// </summary>
    public string Id => _id.Value;

    /// <summary>
    /// Saves the model to a file atomically: as ONNX if the extension is <c>.onnx</c>; otherwise, as safetensors. The remarks on
    /// <see cref="Model"/> compare the formats.
    /// </summary>
    /// <param name="path">The path of the file, which is replaced if it exists.</param>
    /// <param name="options">The options; null for <see cref="ModelSaveOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">
    /// A name or a metadata value is not valid Unicode; or the format is ONNX, and <see cref="ModelSaveOptions.Sparse"/> is set or the file
    /// would exceed 2 GB.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, ModelSaveOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= ModelSaveOptions.Default;
        if (!path.EndsWith(OnnxFile.Extension, StringComparison.OrdinalIgnoreCase))
        {
            SafetensorsFile.WriteTyped(path, FileTensors(options), FileMetadata());
        }
        else if (!options.Sparse)
        {
            OnnxFile.Write(path, this, new OnnxExportOptions { HalfPrecision = options.HalfPrecision });
        }
        else
        {
            throw new ArgumentException(
                $"'{path}' is ONNX, which does not support {nameof(ModelSaveOptions.Sparse)}; use another extension, such as .safetensors.",
                nameof(options));
        }
    }

    /// <summary>
    /// Saves the model to a stream as safetensors. To save it as ONNX, use <see cref="OnnxFile.Write(Stream, Model, OnnxExportOptions?)"/>.
    /// </summary>
    /// <param name="stream">The stream, which stays open.</param>
    /// <param name="options">The options; null for <see cref="ModelSaveOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">A name or a metadata value is not valid Unicode.</exception>
    public void Save(Stream stream, ModelSaveOptions? options = null) =>
        SafetensorsFile.WriteTyped(stream, FileTensors(options), FileMetadata());

    /// <summary>Loads a model from a file. The content determines whether it is ONNX or safetensors.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="options">
    /// The limits; null for <see cref="SafetensorsOptions.Default"/>. <see cref="SafetensorsOptions.MaxBytes"/> also applies to ONNX.
    /// </param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelFormatException">
    /// The file is damaged, is not a model, has a newer version, or has inconsistent content.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static Model Load(string path, SafetensorsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Load(stream, path, options ?? SafetensorsOptions.Default, cancellationToken);
    }

    /// <summary>
    /// Loads a model from a stream, from its position to its end. The content determines whether it is ONNX or safetensors.
    /// </summary>
    /// <param name="stream">The stream, which stays open. A stream that cannot seek is first read into memory, up to 2 GiB.</param>
    /// <param name="options">
    /// The limits; null for <see cref="SafetensorsOptions.Default"/>. <see cref="SafetensorsOptions.MaxBytes"/> also applies to ONNX.
    /// </param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelFormatException">
    /// The content is damaged, is not a model, has a newer version, or is inconsistent.
    /// </exception>
    public static Model Load(Stream stream, SafetensorsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= SafetensorsOptions.Default;
        string? name = (stream as FileStream)?.Name;
        if (stream.CanSeek)
        {
            return Load(stream, name, options, cancellationToken);
        }

        using MemoryStream buffered = SafetensorsFile.Buffer(stream, Math.Min(options.MaxBytes, Array.MaxLength), cancellationToken);
        return Load(buffered, name, options, cancellationToken);
    }

    private static Model Load(Stream stream, string? file, SafetensorsOptions options, CancellationToken cancellationToken)
    {
        Span<byte> start = stackalloc byte[SafetensorsHeader.PrefixBytes + 1];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position -= read;
        return OnnxFile.Begins(start[..read])
            ? OnnxFile.Read(stream, file, new OnnxImportOptions { MaxFileBytes = options.MaxBytes }, cancellationToken)
            : FromContent(SafetensorsFile.Read(stream, file, options, cancellationToken), file);
    }

    private static Model FromContent(SafetensorsContent content, string? file)
    {
        string format = Require(FormatKey);
        if (format != FormatVersion)
        {
            throw new ModelFormatException($"'{FormatKey}' is '{format}'; this version of the library reads '{FormatVersion}'", file);
        }

        Network network = NetworkJson.Read(Require(NetworkKey), file);
        string embeddingLayer = Require(EmbeddingLayerKey);
        string? unknown = content.Metadata.Keys.FirstOrDefault(key =>
            key.StartsWith(ReservedPrefix, StringComparison.Ordinal) && key is not (FormatKey or NetworkKey or EmbeddingLayerKey));
        if (unknown is not null)
        {
            throw new ModelFormatException($"unknown reserved metadata '{unknown}'", file);
        }

        try
        {
            return new Model(network, SparseTensors.Unpack(network, content.Tensors, file), embeddingLayer,
                content.Metadata.Where(e => !e.Key.StartsWith(ReservedPrefix, StringComparison.Ordinal)).ToImmutableDictionary());
        }
        catch (ArgumentException exception)
        {
            throw new ModelFormatException(exception.Message, file, innerException: exception);
        }

        string Require(string key) => content.Metadata.TryGetValue(key, out string? value)
            ? value
            : throw new ModelFormatException($"the metadata lacks '{key}'; the file holds tensors but is not a model", file);
    }

    private IEnumerable<SafetensorsTensor> FileTensors(ModelSaveOptions? options)
    {
        options ??= ModelSaveOptions.Default;
        foreach ((string name, WeightTensor weights) in Weights)
        {
            SafetensorsTensor tensor = options.HalfPrecision ? InHalf(name, weights) : SafetensorsTensor.Single(name, weights);
            if (options.Sparse
                && SparseTensors.Pack(tensor) is var (mask, values)
                && !Weights.ContainsKey(mask.Name)
                && !Weights.ContainsKey(values.Name))
            {
                yield return mask;
                yield return values;
            }
            else
            {
                yield return tensor;
            }
        }
    }

    /// <summary>Rounds the weights of a convolution to 16 bits if all are in range; leaves other tensors unchanged.</summary>
    private static SafetensorsTensor InHalf(string name, WeightTensor tensor)
    {
        if (!FitsHalf(tensor))
        {
            return SafetensorsTensor.Single(name, tensor);
        }

        // Rounds before the sparse encoding, which then also omits values that become 0.
        float[] rounded = [.. tensor.Values.ToArray().Select(value => (float)(Half)value)];
        return new SafetensorsTensor(name, SafetensorsType.F16, tensor.Dimensions, rounded);
    }

    /// <summary>Determines whether a tensor is the weights of a convolution, all in the range of 16 bits.</summary>
    internal static bool FitsHalf(WeightTensor tensor) =>
        tensor.Dimensions.Length == 4 && tensor.Values.Span.ToArray().All(value => Half.IsFinite((Half)value));

    private ImmutableDictionary<string, string> FileMetadata() => _metadata.ToImmutableDictionary()
        .Add(FormatKey, FormatVersion)
        .Add(NetworkKey, NetworkJson.Write(Network))
        .Add(EmbeddingLayerKey, EmbeddingLayer);

    private string ComputeId()
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            Save(stream);
        }

        return Convert.ToHexStringLower(hash.Hash!);
    }
}
