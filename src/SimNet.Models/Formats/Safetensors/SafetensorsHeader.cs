using System.Collections.Immutable;
using System.Text.Json;

namespace SimNet.Models;

/// <summary>
/// The JSON header of a safetensors file. Parsing is strict: offsets and shapes must be consistent with each other and with the length of
/// the data.
/// </summary>
internal sealed class SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";

    /// <summary>The number of bytes before the header, which hold its length.</summary>
    public const int PrefixBytes = 8;

    private SafetensorsHeader(ImmutableArray<SafetensorsEntry> entries, ImmutableSortedDictionary<string, string> metadata)
    {
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>The tensors, in the order of their data.</summary>
    public ImmutableArray<SafetensorsEntry> Entries { get; }

    public ImmutableSortedDictionary<string, string> Metadata { get; }

    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes, string? file)
    {
        // A header has three levels: the header, a tensor, and its shape.
        var parser = new Parser(json, file);
        try
        {
            return parser.Run(dataBytes);
        }
        catch (JsonException exception)
        {
            throw new ModelFormatException(
                $"the header is not valid JSON: {exception.Message}", file, PrefixBytes + parser.Position, exception);
        }
        catch (InvalidOperationException exception)
        {
            // Utf8JsonReader throws this for strings that are not valid Unicode.
            throw new ModelFormatException(
                $"a string in the header is invalid: {exception.Message}", file, PrefixBytes + parser.Position, exception);
        }
    }

    private ref struct Parser(ReadOnlySpan<byte> json, string? file)
    {
        private Utf8JsonReader _reader = new(json, new JsonReaderOptions { MaxDepth = 3 });

        public readonly long Position => _reader.TokenStartIndex;

        public SafetensorsHeader Run(long dataBytes)
        {
            var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
            ImmutableSortedDictionary<string, string>? metadata = null;
            Next(JsonTokenType.StartObject, "an object");
            while (NextKey(out string name))
            {
                if (name == MetadataKey)
                {
                    metadata = metadata is null ? ReadMetadata() : throw Damaged($"'{MetadataKey}' occurs twice");
                }
                else if (!entries.TryAdd(name, ReadEntry(name)))
                {
                    throw Damaged($"two tensors are named '{name}'");
                }
            }

            // The header can be padded with spaces; the reader throws on anything else.
            if (_reader.Read())
            {
                throw Damaged("the header continues after its JSON object");
            }

            return new SafetensorsHeader(
                InDataOrder(entries.Values, dataBytes),
                metadata ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));
        }

        /// <summary>Sorts the tensors by offset and checks that they cover the data without gaps or overlaps.</summary>
        private readonly ImmutableArray<SafetensorsEntry> InDataOrder(IEnumerable<SafetensorsEntry> entries, long dataBytes)
        {
            ImmutableArray<SafetensorsEntry> ordered =
                [.. entries.OrderBy(e => e.Begin).ThenBy(e => e.End).ThenBy(e => e.Name, StringComparer.Ordinal)];
            long at = 0;
            foreach (SafetensorsEntry entry in ordered)
            {
                if (entry.Begin != at)
                {
                    throw new ModelFormatException(
                        $"tensor '{entry.Name}' starts at byte {entry.Begin} of the data; expected {at}, the end of the tensor before it",
                        file,
                        PrefixBytes);
                }

                at = entry.End;
            }

            return at == dataBytes
                ? ordered
                : throw new ModelFormatException(
                    $"the tensors end at byte {at} of the data, which has {dataBytes} bytes", file, PrefixBytes);
        }

        private ImmutableSortedDictionary<string, string> ReadMetadata()
        {
            var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            Next(JsonTokenType.StartObject, "an object");
            while (NextKey(out string key))
            {
                Next(JsonTokenType.String, "a string");
                if (!metadata.TryAdd(key, _reader.GetString()!))
                {
                    throw Damaged($"two entries of '{MetadataKey}' are named '{key}'");
                }
            }

            return metadata.ToImmutable();
        }

        private SafetensorsEntry ReadEntry(string name)
        {
            SafetensorsType? type = null;
            ImmutableArray<int> dimensions = default;
            (long Begin, long End)? offsets = null;
            Next(JsonTokenType.StartObject, "an object");
            while (NextKey(out string key))
            {
                switch (key)
                {
                    case "dtype" when type is null:
                        type = ReadType(name);
                        break;
                    case "shape" when dimensions.IsDefault:
                        dimensions = ReadDimensions();
                        break;
                    case "data_offsets" when offsets is null:
                        Next(JsonTokenType.StartArray, "an array");
                        offsets = (NextInteger(long.MaxValue), NextInteger(long.MaxValue));
                        Next(JsonTokenType.EndArray, "the end of the two offsets");
                        break;
                    default:
                        throw Damaged($"tensor '{name}' has an unknown or repeated field '{key}'; expected dtype, shape, and data_offsets");
                }
            }

            if (type is null || dimensions.IsDefault || offsets is null)
            {
                throw Damaged($"tensor '{name}' lacks dtype, shape, or data_offsets");
            }

            int count = CountOf(name, dimensions);
            long bytes = (long)count * SafetensorsValues.SizeOf(type.Value);
            (long begin, long end) = offsets.Value;
            if (end < begin || end - begin != bytes)
            {
                throw Damaged(
                    $"tensor '{name}' has data_offsets [{begin}, {end}]; {type} [{string.Join(", ", dimensions)}] takes {bytes} bytes");
            }

            return new SafetensorsEntry(name, type.Value, dimensions, count, begin, end);
        }

        private SafetensorsType ReadType(string name)
        {
            Next(JsonTokenType.String, "a string");
            string text = _reader.GetString()!;
            foreach (SafetensorsType type in Enum.GetValues<SafetensorsType>())
            {
                if (text == type.ToString())
                {
                    return type;
                }
            }

            throw Damaged(
                $"tensor '{name}' has the unsupported dtype '{text}'; "
                + $"expected one of {string.Join(", ", Enum.GetNames<SafetensorsType>())}");
        }

        private ImmutableArray<int> ReadDimensions()
        {
            var dimensions = ImmutableArray.CreateBuilder<int>();
            Next(JsonTokenType.StartArray, "an array");
            while (Next() != JsonTokenType.EndArray)
            {
                dimensions.Add((int)Integer(int.MaxValue));
            }

            return dimensions.DrainToImmutable();
        }

        private readonly int CountOf(string name, ImmutableArray<int> dimensions)
        {
            long count = 1;
            foreach (int dimension in dimensions)
            {
                // Both factors are less than 2^31, so the product cannot overflow before it is checked.
                count *= dimension;
                if (count > Array.MaxLength)
                {
                    throw Damaged(
                        $"tensor '{name}' [{string.Join(", ", dimensions)}] has more than {Array.MaxLength} values, which is the limit");
                }
            }

            return (int)count;
        }

        private JsonTokenType Next() => _reader.Read() ? _reader.TokenType : throw Damaged("the header ends too early");

        private void Next(JsonTokenType expected, string words)
        {
            if (Next() != expected)
            {
                throw Damaged($"expected {words}; got {_reader.TokenType}");
            }
        }

        /// <summary>Moves to the next key of an object; false at the object's end.</summary>
        private bool NextKey(out string key)
        {
            if (Next() == JsonTokenType.EndObject)
            {
                key = "";
                return false;
            }

            key = _reader.GetString()!;
            return true;
        }

        private long NextInteger(long maximum)
        {
            Next();
            return Integer(maximum);
        }

        private readonly long Integer(long maximum) =>
            _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out long value) && value >= 0 && value <= maximum
                ? value
                : throw Damaged($"expected an integer from 0 to {maximum}");

        private readonly ModelFormatException Damaged(string problem) => new(problem, file, PrefixBytes + _reader.TokenStartIndex);
    }
}
