using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SimNet.Models;

/// <summary>
/// Reads and writes safetensors files (https://github.com/huggingface/safetensors): eight bytes of header length, a JSON
/// header, and the tensors' bytes without gaps.
/// </summary>
/// <remarks>
/// Tensors are read as float32: F32, F16 and BF16 exactly, F64 rounded to nearest, and I8 to I64, U8 to U64 and BOOL (as 0 and 1)
/// where every value is exact; a value that is not, and any other type, is refused by name. Files are not trusted: header length,
/// shapes and offsets are checked against each other and against the file before memory is taken for a tensor.
/// </remarks>
public static class SafetensorsFile
{
    private const int ChunkBytes = 1 << 20;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; <see cref="SafetensorsOptions.Default"/> when null.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ModelFormatException">The file is damaged, holds a type that cannot be read, or is over a limit.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static SafetensorsContent Read(string path, SafetensorsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Read(stream, path, options ?? SafetensorsOptions.Default, cancellationToken);
    }

    /// <summary>Reads a stream from where it stands to its end. One that cannot seek is first read into memory, so it is held to 2 GiB.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="options">Limits; <see cref="SafetensorsOptions.Default"/> when null.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ModelFormatException">The content is damaged, holds a type that cannot be read, or is over a limit.</exception>
    public static SafetensorsContent Read(Stream stream, SafetensorsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= SafetensorsOptions.Default;
        string? name = (stream as FileStream)?.Name;
        if (stream.CanSeek)
        {
            return Read(stream, name, options, cancellationToken);
        }

        using MemoryStream buffered = Buffer(stream, Math.Min(options.MaxBytes, Array.MaxLength), cancellationToken);
        return Read(buffered, name, options, cancellationToken);
    }

    /// <summary>
    /// Writes a file, as a whole or not at all. Its bytes depend on the arguments alone: tensors and metadata are sorted by name
    /// (ordinal), the header is padded with spaces so that the data begins at a multiple of eight.
    /// </summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="tensors">The tensors; written as F32.</param>
    /// <param name="metadata">The header's <c>__metadata__</c>; left out when null or empty.</param>
    /// <exception cref="ArgumentException">A name or a text is no valid Unicode, a tensor has the reserved name <c>__metadata__</c>, or the header would exceed the format's 100,000,000 bytes.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, StateDict tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        WriteTyped(path, Plain(tensors), metadata);
    }

    /// <summary>Writes to a stream; see <see cref="Write(string, StateDict, IReadOnlyDictionary{string, string}?)"/>.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="tensors">The tensors; written as F32.</param>
    /// <param name="metadata">The header's <c>__metadata__</c>; left out when null or empty.</param>
    /// <exception cref="ArgumentException">A name or a text is no valid Unicode, a tensor has the reserved name <c>__metadata__</c>, or the header would exceed the format's 100,000,000 bytes.</exception>
    public static void Write(Stream stream, StateDict tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        WriteTyped(stream, Plain(tensors), metadata);
    }

    /// <summary>Writes tensors of several types: the widest first, as the format's own library does, then by name.</summary>
    internal static void WriteTyped(string path, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafetensorsTensor[] ordered = Ordered(tensors);
        byte[] header = Header(ordered, metadata);
        AtomicFile.Write(path, stream => Write(stream, header, ordered));
    }

    /// <summary>The same to a stream.</summary>
    internal static void WriteTyped(Stream stream, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        SafetensorsTensor[] ordered = Ordered(tensors);
        Write(stream, Header(ordered, metadata), ordered);
    }

    private static IEnumerable<SafetensorsTensor> Plain(StateDict tensors) => tensors.Select(t => SafetensorsTensor.Single(t.Key, t.Value));

    private static SafetensorsTensor[] Ordered(IEnumerable<SafetensorsTensor> tensors) =>
        [.. tensors.OrderByDescending(t => SafetensorsValues.SizeOf(t.Type)).ThenBy(t => t.Name, StringComparer.Ordinal)];

    /// <summary>Reads a stream that can seek, under this name.</summary>
    internal static SafetensorsContent Read(Stream stream, string? file, SafetensorsOptions options, CancellationToken cancellationToken)
    {
        long length = stream.Length - stream.Position;
        if (length > options.MaxBytes)
        {
            throw new ModelFormatException($"{length} bytes; at most {options.MaxBytes} are read ({nameof(SafetensorsOptions)}.{nameof(SafetensorsOptions.MaxBytes)})", file);
        }

        if (length < SafetensorsHeader.PrefixBytes)
        {
            throw new ModelFormatException($"{length} bytes; a safetensors file has at least {SafetensorsHeader.PrefixBytes}", file, 0);
        }

        try
        {
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
            stream.ReadExactly(prefix);
            ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            ulong most = (ulong)Math.Min(Math.Min(options.MaxHeaderBytes, length - SafetensorsHeader.PrefixBytes), Array.MaxLength);
            if (headerBytes > most)
            {
                throw new ModelFormatException($"a header of {headerBytes} bytes; expected at most {most}", file, 0);
            }

            byte[] json = new byte[headerBytes];
            stream.ReadExactly(json);
            SafetensorsHeader header = SafetensorsHeader.Parse(json, length - SafetensorsHeader.PrefixBytes - json.Length, file);
            return new SafetensorsContent(ReadTensors(stream, SafetensorsHeader.PrefixBytes + json.Length, header, file, cancellationToken), header.Metadata);
        }
        catch (EndOfStreamException exception)
        {
            throw new ModelFormatException("the file became shorter while it was read", file, innerException: exception);
        }
    }

    private static StateDict ReadTensors(Stream stream, long dataOffset, SafetensorsHeader header, string? file, CancellationToken cancellationToken)
    {
        var tensors = new List<KeyValuePair<string, WeightTensor>>(header.Entries.Length);
        byte[] chunk = new byte[Math.Min(ChunkBytes, header.Entries.IsEmpty ? 0 : header.Entries.Max(e => e.End - e.Begin))];
        foreach (SafetensorsEntry entry in header.Entries)
        {
            int size = SafetensorsValues.SizeOf(entry.Type);
            float[] values = new float[entry.Count];
            for (int done = 0; done < values.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = Math.Min(values.Length - done, chunk.Length / size);
                stream.ReadExactly(chunk.AsSpan(0, count * size));
                int inexact = SafetensorsValues.Convert(entry.Type, chunk, values.AsSpan(done, count));
                if (inexact >= 0)
                {
                    throw new ModelFormatException(
                        $"tensor '{entry.Name}' of dtype {entry.Type} has a value that float32 cannot hold", file, dataOffset + entry.Begin + ((long)done + inexact) * size);
                }

                done += count;
            }

            tensors.Add(new(entry.Name, new WeightTensor(entry.Dimensions, values)));
        }

        return new StateDict(tensors);
    }

    /// <summary>What is left of a stream that cannot seek.</summary>
    internal static MemoryStream Buffer(Stream stream, long maxBytes, CancellationToken cancellationToken)
    {
        var buffered = new MemoryStream();
        byte[] chunk = new byte[ChunkBytes];
        int read;
        while ((read = stream.Read(chunk)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (buffered.Length + read > maxBytes)
            {
                throw new ModelFormatException($"more than {maxBytes} bytes, which is the most that is read", offset: maxBytes);
            }

            buffered.Write(chunk, 0, read);
        }

        buffered.Position = 0;
        return buffered;
    }

    private static byte[] Header(SafetensorsTensor[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, WriterOptions))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    writer.WriteString(Valid(key, nameof(metadata)), Valid(value, nameof(metadata)));
                }

                writer.WriteEndObject();
            }

            long offset = 0;
            foreach (SafetensorsTensor tensor in tensors)
            {
                if (tensor.Name == SafetensorsHeader.MetadataKey)
                {
                    throw new ArgumentException($"A tensor is named '{tensor.Name}', which the format keeps for itself.", nameof(tensors));
                }

                writer.WriteStartObject(Valid(tensor.Name, nameof(tensors)));
                writer.WriteString("dtype", tensor.Type.ToString());
                writer.WriteStartArray("shape");
                foreach (int dimension in tensor.Dimensions)
                {
                    writer.WriteNumberValue(dimension);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += (long)tensor.Values.Length * SafetensorsValues.SizeOf(tensor.Type));
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        while (json.Length % 8 != 0)
        {
            json.WriteByte((byte)' ');
        }

        return json.Length <= SafetensorsOptions.Default.MaxHeaderBytes
            ? json.ToArray()
            : throw new ArgumentException($"The header would have {json.Length} bytes; the format allows {SafetensorsOptions.Default.MaxHeaderBytes}.", nameof(tensors));
    }

    /// <summary>JSON has no form for half a surrogate pair; the writer would put another character there without a word.</summary>
    private static string Valid(string text, string argument)
    {
        for (int i = 0; i < text.Length; i += char.IsSurrogate(text[i]) ? 2 : 1)
        {
            if (!Rune.TryGetRuneAt(text, i, out _))
            {
                throw new ArgumentException($"'{text}' is no valid Unicode: half a surrogate pair at character {i}.", argument);
            }
        }

        return text;
    }

    private static void Write(Stream stream, byte[] header, SafetensorsTensor[] tensors)
    {
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        stream.Write(prefix);
        stream.Write(header);
        byte[] chunk = new byte[Math.Min(ChunkBytes, tensors.Select(t => (long)t.Values.Length * SafetensorsValues.SizeOf(t.Type)).DefaultIfEmpty().Max())];
        foreach (SafetensorsTensor tensor in tensors)
        {
            int size = SafetensorsValues.SizeOf(tensor.Type);
            ReadOnlySpan<float> values = tensor.Values.Span;
            for (int done = 0; done < values.Length;)
            {
                ReadOnlySpan<float> part = values.Slice(done, Math.Min(values.Length - done, ChunkBytes / size));
                SafetensorsValues.Write(tensor.Type, part, chunk);
                stream.Write(chunk, 0, part.Length * size);
                done += part.Length;
            }
        }
    }
}
