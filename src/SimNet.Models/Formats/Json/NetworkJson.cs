using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SimNet.Models;

/// <summary>
/// Reads and writes networks as JSON, version 1: the name, the input shape as [channels, height, width], and the layers. Settings are
/// written even if they have default values, so that files do not depend on the defaults. Unknown fields are an error.
/// </summary>
internal static class NetworkJson
{
    public const int MaxLayers = 10_000;

    /// <summary>
    /// The largest number of values in the parameters and the feature maps of one sample with their padded copies: 2 GiB, many times what
    /// the largest networks for images need.
    /// </summary>
    private const long MaxValues = 1L << 29;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The levels are network, layers, layer, and inputs.
    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>Writes a network on one line. The result is canonical.</summary>
    public static string Write(Network network)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("name", network.Name);
            writer.WriteStartArray("input");
            writer.WriteNumberValue(network.InputShape.Channels);
            writer.WriteNumberValue(network.InputShape.Height);
            writer.WriteNumberValue(network.InputShape.Width);
            writer.WriteEndArray();
            writer.WriteStartArray("layers");
            foreach (Layer layer in network.Layers)
            {
                WriteLayer(writer, layer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <exception cref="ModelFormatException">The JSON does not describe a network; the message says what is wrong and where.</exception>
    public static Network Read(string json, string? file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, ReaderOptions);
            var fields = new JsonFields(document.RootElement, "the network");
            string name = fields.String("name");
            int[] input = fields.Integers("input");
            if (input.Length != 3)
            {
                throw new FormatException($"the network's input has {input.Length} dimensions; expected channels, height, width");
            }

            JsonElement[] elements = [.. fields.Objects("layers")];
            if (elements.Length > MaxLayers)
            {
                throw new FormatException($"the network has {elements.Length} layers; at most {MaxLayers} are supported");
            }

            Layer[] layers = [.. elements.Select((element, i) => ReadLayer(new JsonFields(element, $"layer {i}")))];
            fields.Finish();
            var network = new Network(name, new Shape(input[0], input[1], input[2]), layers);

            RequireMemoryWithinLimit(network);
            return network;
        }
        catch (Exception exception) when (exception
            is JsonException or FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"the network cannot be read: {exception.Message}", file, innerException: exception);
        }
    }

    /// <summary>Limits the memory for one sample before it is allocated, because a few bytes can describe huge feature maps.</summary>
    public static void RequireMemoryWithinLimit(Network network)
    {
        // Length and ParameterCount throw on overflow.
        long values = network.InputShape.Length + (long)network.ParameterCount;
        for (int i = 0; i < network.Layers.Length; i++)
        {
            (int height, int width) = network.Layers[i] switch
            {
                Conv2d conv => Around(conv.Padding),
                ConvTranspose2d conv => Around(conv.Padding) is var (rows, columns)
                    ? (rows + (2 * conv.KernelSize.Height * conv.Dilation.Height),
                        columns + (2 * conv.KernelSize.Width * conv.Dilation.Width))
                    : default,
                _ => (0, 0),
            };
            Shape source = network.Sources[i][0] is var from and >= 0 ? network.OutputShapes[from] : network.InputShape;
            values += network.OutputShapes[i].Length
                + ((long)source.Channels * ((long)source.Height + height) * ((long)source.Width + width));
            if (values > MaxValues)
            {
                throw new FormatException(
                    $"up to layer '{network.Layers[i].Name}', one sample needs {values} values; at most {MaxValues} are supported");
            }
        }
    }

    private static (int Rows, int Columns) Around(Padding2d padding) =>
        (padding.Top + padding.Bottom, padding.Left + padding.Right);

    private static void WriteLayer(Utf8JsonWriter writer, Layer layer)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", layer.Kind);
        writer.WriteString("name", layer.Name);
        if (!layer.Inputs.IsDefaultOrEmpty)
        {
            writer.WriteStartArray("inputs");
            foreach (string source in layer.Inputs)
            {
                writer.WriteStringValue(source);
            }

            writer.WriteEndArray();
        }

        layer.Exchange(new LayerSettingsWriter(writer));
        writer.WriteEndObject();
    }

    private static Layer ReadLayer(JsonFields fields)
    {
        string kind = fields.String("kind");
        string name = fields.String("name");
        fields.Location = $"layer '{name}' ({kind})";
        ImmutableArray<string> inputs = [.. fields.OptionalStrings("inputs")];
        Layer layer = LayerKinds.Prototypes.TryGetValue(kind, out Layer? prototype)
            ? prototype.Exchange(new LayerSettingsReader(fields))
            : throw new FormatException($"{fields.Location} is of an unknown kind");
        fields.Finish();
        return layer with { Name = name, Inputs = inputs };
    }
}
