using System.Collections.Immutable;
using System.Security.Cryptography;

namespace SimNet.Models;

/// <summary>
/// A trained network with all that is needed to use it: the layers, the weights, which layer's output is the embedding, and
/// texts of the layer above (how pictures are prepared, what classes are called). Immutable; one file.
/// </summary>
/// <remarks>
/// The file is ONNX where its name ends in <c>.onnx</c> (see <see cref="OnnxFile"/>): any runtime runs it. Otherwise it is safetensors: PyTorch and others read its
/// weights as they are, unless it was saved with <see cref="ModelSaveOptions.Sparse"/>. Either's metadata holds the texts, and under names that
/// begin with <c>simnet.</c> the format's version, the network as JSON and the embedding layer.
/// </remarks>
public sealed class Model
{
    /// <summary>Metadata names that begin so are the file format's own.</summary>
    public const string ReservedPrefix = "simnet.";

    internal const string FormatKey = ReservedPrefix + "format";
    internal const string NetworkKey = ReservedPrefix + "network";
    internal const string EmbeddingLayerKey = ReservedPrefix + "embedding_layer";
    private const string FormatVersion = "model 1";

    private readonly ImmutableSortedDictionary<string, string> _metadata;
    private readonly Lazy<string> _id;

    /// <summary>Puts a model together and checks that its parts fit.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All its parameters under their full names, all finite, and nothing else.</param>
    /// <param name="embeddingLayer">Name of the layer whose output is the embedding.</param>
    /// <param name="metadata">Free texts by name; none of the names begins with <see cref="ReservedPrefix"/>. None when null.</param>
    /// <exception cref="ArgumentException">A parameter is missing, unknown, of another shape or not finite; there is no such layer; a metadata name is reserved.</exception>
    public Model(Network network, StateDict weights, string embeddingLayer, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(embeddingLayer);
        int embedding = network.IndexOf(embeddingLayer);
        if (embedding < 0)
        {
            throw new ArgumentException($"The embedding layer is '{embeddingLayer}', the network's input; expected a layer.", nameof(embeddingLayer));
        }

        WeightCheck.Require(network, weights, nameof(weights));
        _metadata = (metadata ?? ImmutableDictionary<string, string>.Empty).ToImmutableSortedDictionary(StringComparer.Ordinal);
        if (_metadata.Keys.FirstOrDefault(key => key.StartsWith(ReservedPrefix, StringComparison.Ordinal)) is { } reserved)
        {
            throw new ArgumentException($"Metadata is named '{reserved}'; names that begin with '{ReservedPrefix}' are the file format's.", nameof(metadata));
        }

        Network = network;
        Weights = weights;
        EmbeddingLayer = embeddingLayer;
        EmbeddingShape = network.OutputShapes[embedding];
        _id = new Lazy<string>(ComputeId);
    }

    /// <summary>The layers.</summary>
    public Network Network { get; }

    /// <summary>The network's parameters.</summary>
    public StateDict Weights { get; }

    /// <summary>Name of the layer whose output is the embedding.</summary>
    public string EmbeddingLayer { get; }

    /// <summary>Shape of one sample's embedding.</summary>
    public Shape EmbeddingShape { get; }

    /// <summary>Free texts by name, such as how the pictures are prepared; sorted by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>
    /// A fingerprint of network, weights, embedding layer and metadata: the SHA-256 of the bytes that <see cref="Save(string, ModelSaveOptions?)"/> writes
    /// by default, as 64 lower-case hexadecimal digits. Vectors of models with different ids do not belong in one index.
    /// </summary>
    public string Id => _id.Value;

    /// <summary>Writes the model to a file, as a whole or not at all: as ONNX where the name ends in <c>.onnx</c>, otherwise as safetensors.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="options">How compactly; <see cref="ModelSaveOptions.Default"/> when null.</param>
    /// <exception cref="ArgumentException">A name or a text is no valid Unicode; or an ONNX file is asked to be <see cref="ModelSaveOptions.Sparse"/>, or would be larger than 2 GB.</exception>
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
            throw new ArgumentException($"'{path}' is to be ONNX, which has no form for tensors of mostly zeros; {nameof(ModelSaveOptions.Sparse)} needs another ending, such as .safetensors.", nameof(options));
        }
    }

    /// <summary>Writes the model to a stream as safetensors; <see cref="OnnxFile.Write(Stream, Model, OnnxExportOptions?)"/> writes it as ONNX.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="options">How compactly; <see cref="ModelSaveOptions.Default"/> when null.</param>
    /// <exception cref="ArgumentException">A name or a text is no valid Unicode.</exception>
    public void Save(Stream stream, ModelSaveOptions? options = null) => SafetensorsFile.WriteTyped(stream, FileTensors(options), FileMetadata());

    /// <summary>Reads a model from a file, ONNX or safetensors, whichever its first bytes say.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; <see cref="SafetensorsOptions.Default"/> when null. <see cref="SafetensorsOptions.MaxBytes"/> applies to ONNX too.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ModelFormatException">The file is damaged, is no model, is of a later version, or its parts do not fit.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static Model Load(string path, SafetensorsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Load(stream, path, options ?? SafetensorsOptions.Default, cancellationToken);
    }

    /// <summary>Reads a model from a stream, from where it stands to its end, ONNX or safetensors, whichever its first bytes say.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="options">Limits; <see cref="SafetensorsOptions.Default"/> when null. <see cref="SafetensorsOptions.MaxBytes"/> applies to ONNX too.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ModelFormatException">The content is damaged, is no model, is of a later version, or its parts do not fit.</exception>
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
            throw new ModelFormatException($"unknown metadata '{unknown}'", file);
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
            : throw new ModelFormatException($"no '{key}' in the metadata; the file holds tensors, but no model", file);
    }

    private IEnumerable<SafetensorsTensor> FileTensors(ModelSaveOptions? options)
    {
        options ??= ModelSaveOptions.Default;
        foreach ((string name, WeightTensor weights) in Weights)
        {
            SafetensorsTensor tensor = options.HalfPrecision ? InHalf(name, weights) : SafetensorsTensor.Single(name, weights);
            if (options.Sparse && SparseTensors.Pack(tensor) is var (mask, values) && !Weights.ContainsKey(mask.Name) && !Weights.ContainsKey(values.Name))
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

    /// <summary>A convolution's weights rounded to 16 bits, where all are in their range; all else as it is.</summary>
    private static SafetensorsTensor InHalf(string name, WeightTensor tensor)
    {
        if (!FitsHalf(tensor))
        {
            return SafetensorsTensor.Single(name, tensor);
        }

        // Rounded here already, so that what becomes 0 counts as 0.
        float[] rounded = [.. tensor.Values.ToArray().Select(value => (float)(Half)value)];
        return new SafetensorsTensor(name, SafetensorsType.F16, tensor.Dimensions, rounded);
    }

    /// <summary>Whether a tensor is a convolution's weights, all in the range of 16 bits.</summary>
    internal static bool FitsHalf(WeightTensor tensor) => tensor.Dimensions.Length == 4 && tensor.Values.Span.ToArray().All(value => Half.IsFinite((Half)value));

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
