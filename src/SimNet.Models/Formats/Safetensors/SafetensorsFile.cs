using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SimNet.Models;

/// <summary>
/// Reads and writes safetensors files (https://github.com/huggingface/safetensors), which consist of an 8-byte header length, a JSON
/// header, and the contiguous data of the tensors.
/// </summary>
/// <remarks>
/// Tensors are converted to float32. F32, F16, and BF16 are exact, and F64 is rounded to nearest. I8 to I64, U8 to U64, and BOOL (as 0 and
/// 1) are supported if every value is exact. Other values and types are an error that names the tensor. Files need not be trusted: header
/// length, shapes, and offsets are validated before memory for a tensor is allocated.
/// </remarks>
public static class SafetensorsFile
{
    private const int ChunkBytes = 1 << 20;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="options">The limits; null for <see cref="SafetensorsOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The tensors and the metadata.</returns>
    /// <exception cref="ModelFormatException">The file is damaged, contains an unsupported type, or exceeds a limit.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static SafetensorsContent Read(string path, SafetensorsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Read(stream, path, options ?? SafetensorsOptions.Default, cancellationToken);
    }

    /// <summary>Reads a stream, from its position to its end.</summary>
    /// <param name="stream">The stream, which stays open. A stream that cannot seek is first read into memory, up to 2 GiB.</param>
    /// <param name="options">The limits; null for <see cref="SafetensorsOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The tensors and the metadata.</returns>
    /// <exception cref="ModelFormatException">The content is damaged, contains an unsupported type, or exceeds a limit.</exception>
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
    /// Writes a file atomically. The bytes depend only on the arguments: tensors and metadata are sorted by name (ordinal), and the header
    /// is padded with spaces so that the data starts at a multiple of eight.
    /// </summary>
    /// <param name="path">The path of the file, which is replaced if it exists.</param>
    /// <param name="tensors">The tensors, which are written as F32.</param>
    /// <param name="metadata">The <c>__metadata__</c> of the header; omitted if null or empty.</param>
    /// <exception cref="ArgumentException">
    /// A name or a metadata value is not valid Unicode, a tensor has the reserved name <c>__metadata__</c>, or the header exceeds
    /// 100,000,000 bytes, the limit of the format.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, StateDict tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        WriteTyped(path, Plain(tensors), metadata);
    }

    /// <summary>
    /// Writes to a stream. The bytes are those of <see cref="Write(string, StateDict, IReadOnlyDictionary{string, string}?)"/>.
    /// </summary>
    /// <param name="stream">The stream, which stays open.</param>
    /// <param name="tensors">The tensors, which are written as F32.</param>
    /// <param name="metadata">The <c>__metadata__</c> of the header; omitted if null or empty.</param>
    /// <exception cref="ArgumentException">
    /// A name or a metadata value is not valid Unicode, a tensor has the reserved name <c>__metadata__</c>, or the header exceeds
    /// 100,000,000 bytes, the limit of the format.
    /// </exception>
    public static void Write(Stream stream, StateDict tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        WriteTyped(stream, Plain(tensors), metadata);
    }

    /// <summary>
    /// Writes tensors of several types, sorted by descending size of a value (as the reference implementation does), then by name.
    /// </summary>
    internal static void WriteTyped(string path, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafetensorsTensor[] ordered = Ordered(tensors);
        byte[] header = Header(ordered, metadata);
        AtomicFile.Write(path, stream => Write(stream, header, ordered));
    }

    /// <inheritdoc cref="WriteTyped(string, IEnumerable{SafetensorsTensor}, IReadOnlyDictionary{string, string}?)"/>
    internal static void WriteTyped(Stream stream, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        SafetensorsTensor[] ordered = Ordered(tensors);
        Write(stream, Header(ordered, metadata), ordered);
    }

    private static IEnumerable<SafetensorsTensor> Plain(StateDict tensors) =>
        tensors.Select(t => SafetensorsTensor.Single(t.Key, t.Value));

    private static SafetensorsTensor[] Ordered(IEnumerable<SafetensorsTensor> tensors) =>
        [.. tensors.OrderByDescending(t => SafetensorsValues.SizeOf(t.Type)).ThenBy(t => t.Name, StringComparer.Ordinal)];

    /// <summary>Reads a seekable stream. The file name is for messages.</summary>
    internal static SafetensorsContent Read(Stream stream, string? file, SafetensorsOptions options, CancellationToken cancellationToken)
    {
        long length = stream.Length - stream.Position;
        if (length > options.MaxBytes)
        {
            throw new ModelFormatException(
                $"the file has {length} bytes; {nameof(SafetensorsOptions)}.{nameof(SafetensorsOptions.MaxBytes)} is {options.MaxBytes}",
                file);
        }

        if (length < SafetensorsHeader.PrefixBytes)
        {
            throw new ModelFormatException(
                $"the file has {length} bytes; a safetensors file has at least {SafetensorsHeader.PrefixBytes}", file, 0);
        }

        try
        {
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
            stream.ReadExactly(prefix);
            ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            ulong most = (ulong)Math.Min(Math.Min(options.MaxHeaderBytes, length - SafetensorsHeader.PrefixBytes), Array.MaxLength);
            if (headerBytes > most)
            {
                throw new ModelFormatException($"the header has {headerBytes} bytes; expected at most {most}", file, 0);
            }

            byte[] json = new byte[headerBytes];
            stream.ReadExactly(json);
            SafetensorsHeader header = SafetensorsHeader.Parse(json, length - SafetensorsHeader.PrefixBytes - json.Length, file);
            StateDict tensors = ReadTensors(stream, SafetensorsHeader.PrefixBytes + json.Length, header, file, cancellationToken);
            return new SafetensorsContent(tensors, header.Metadata);
        }
        catch (EndOfStreamException exception)
        {
            throw new ModelFormatException("the file was truncated while being read", file, innerException: exception);
        }
    }

    private static StateDict ReadTensors(
        Stream stream, long dataOffset, SafetensorsHeader header, string? file, CancellationToken cancellationToken)
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
                        $"tensor '{entry.Name}' of dtype {entry.Type} has a value that float32 cannot represent",
                        file,
                        dataOffset + entry.Begin + ((long)done + inexact) * size);
                }

                done += count;
            }

            tensors.Add(new(entry.Name, new WeightTensor(entry.Dimensions, values)));
        }

        return new StateDict(tensors);
    }

    /// <summary>Reads the rest of a stream that cannot seek into memory.</summary>
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
                throw new ModelFormatException($"the stream has more than {maxBytes} bytes, the limit", offset: maxBytes);
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
                    throw new ArgumentException($"The tensor name '{tensor.Name}' is reserved by the format.", nameof(tensors));
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
            : throw new ArgumentException(
                $"The header has {json.Length} bytes; the format allows at most {SafetensorsOptions.Default.MaxHeaderBytes}.",
                nameof(tensors));
    }

    /// <summary>Rejects unpaired surrogates, which JSON cannot represent and the writer would silently replace.</summary>
    private static string Valid(string text, string argument)
    {
        for (int i = 0; i < text.Length; i += char.IsSurrogate(text[i]) ? 2 : 1)
        {
            if (!Rune.TryGetRuneAt(text, i, out _))
            {
                throw new ArgumentException($"'{text}' is not valid Unicode: it has an unpaired surrogate at index {i}.", argument);
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
        long largest = tensors.Select(t => (long)t.Values.Length * SafetensorsValues.SizeOf(t.Type)).DefaultIfEmpty().Max();
        byte[] chunk = new byte[Math.Min(ChunkBytes, largest)];
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
