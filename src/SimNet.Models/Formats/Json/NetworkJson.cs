using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SimNet.Models;

/// <summary>
/// A network as JSON, version 1: name, input shape as [channels, height, width], and layers with all their settings written
/// out, so that a later default changes no old file. Reading is strict: what it does not know, it refuses by name.
/// </summary>
internal static class NetworkJson
{
    public const int MaxLayers = 10_000;

    /// <summary>Values of one sample's feature maps, their padded copies and the parameters: 2 GiB, many times what the largest networks for pictures take.</summary>
    private const long MaxValues = 1L << 29;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Network, layers, layer, inputs.
    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>The network as one line; the same network gives the same text everywhere.</summary>
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

    /// <exception cref="ModelFormatException">The text is no network of this version; the message says what and where.</exception>
    public static Network Read(string json, string? file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, ReaderOptions);
            var fields = new JsonFields(document.RootElement, "the network");
            string name = fields.Text("name");
            int[] input = fields.Integers("input");
            if (input.Length != 3)
            {
                throw new FormatException($"the network's input has {input.Length} dimensions; expected channels, height, width");
            }

            JsonElement[] elements = [.. fields.Objects("layers")];
            if (elements.Length > MaxLayers)
            {
                throw new FormatException($"the network has {elements.Length} layers; at most {MaxLayers} are read");
            }

            Layer[] layers = [.. elements.Select((element, i) => ReadLayer(new JsonFields(element, $"layer {i}")))];
            fields.Finish();
            var network = new Network(name, new Shape(input[0], input[1], input[2]), layers);

            RequireModestMemory(network);
            return network;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"the network cannot be read: {exception.Message}", file, innerException: exception);
        }
    }

    /// <summary>A few bytes of text can describe feature maps of any size; what one sample takes must be bounded before it is taken.</summary>
    public static void RequireModestMemory(Network network)
    {
        // Length and ParameterCount throw where a size cannot even be counted.
        long values = network.InputShape.Length + (long)network.ParameterCount;
        for (int i = 0; i < network.Layers.Length; i++)
        {
            (int height, int width) = network.Layers[i] switch
            {
                Conv2d conv => Around(conv.Padding),
                ConvTranspose2d conv => Around(conv.Padding) is var (rows, columns)
                    ? (rows + (2 * conv.KernelSize.Height * conv.Dilation.Height), columns + (2 * conv.KernelSize.Width * conv.Dilation.Width)) : default,
                _ => (0, 0),
            };
            Shape source = network.Sources[i][0] is var from and >= 0 ? network.OutputShapes[from] : network.InputShape;
            values += network.OutputShapes[i].Length + ((long)source.Channels * ((long)source.Height + height) * ((long)source.Width + width));
            if (values > MaxValues)
            {
                throw new FormatException($"up to layer '{network.Layers[i].Name}' one sample takes {values} values; at most {MaxValues} are read");
            }
        }
    }

    private static (int Rows, int Columns) Around(Padding2d padding) => (padding.Top + padding.Bottom, padding.Left + padding.Right);

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

        switch (layer)
        {
            case Conv2d conv:
                writer.WriteNumber("out_channels", conv.OutChannels);
                Write(writer, "kernel_size", conv.KernelSize);
                Write(writer, "stride", conv.Stride);
                Write(writer, "padding", conv.Padding);
                WriteConvolution(writer, conv.Dilation, conv.Groups, conv.HasBias);
                break;
            case ConvTranspose2d conv:
                writer.WriteNumber("out_channels", conv.OutChannels);
                Write(writer, "kernel_size", conv.KernelSize);
                Write(writer, "stride", conv.Stride);
                Write(writer, "padding", conv.Padding);
                Write(writer, "output_padding", conv.OutputPadding);
                WriteConvolution(writer, conv.Dilation, conv.Groups, conv.HasBias);
                break;
            case BatchNorm2d norm:
                writer.WriteNumber("epsilon", norm.Epsilon);
                writer.WriteNumber("momentum", norm.Momentum);
                break;
            case LeakyRelu relu:
                writer.WriteNumber("negative_slope", relu.NegativeSlope);
                break;
            case MaxPool2d pool:
                Write(writer, "kernel_size", pool.KernelSize);
                Write(writer, "stride", pool.Stride);

                // These came later than the others: absent in older files.
                if (pool.Padding != 0)
                {
                    Write(writer, "padding", pool.Padding);
                }

                if (pool.CeilMode)
                {
                    writer.WriteBoolean("ceil_mode", true);
                }

                break;
            case AveragePool2d pool:
                Write(writer, "kernel_size", pool.KernelSize);
                Write(writer, "stride", pool.Stride);
                Write(writer, "padding", pool.Padding);
                writer.WriteBoolean("ceil_mode", pool.CeilMode);
                writer.WriteBoolean("count_include_padding", pool.CountIncludePadding);
                break;
            case Dropout dropout:
                writer.WriteNumber("rate", dropout.Rate);
                break;
            case ZeroPad2d pad:
                Write(writer, "padding", pad.Padding);
                break;
            case HardSigmoid sigmoid:
                writer.WriteNumber("alpha", sigmoid.Alpha);
                writer.WriteNumber("beta", sigmoid.Beta);
                break;
            case Clip clip:
                writer.WriteNumber("minimum", clip.Minimum);
                writer.WriteNumber("maximum", clip.Maximum);
                break;
            case Relu or Sigmoid or Silu or HardSwish or Softmax or Concat or Add or Multiply or GlobalAveragePool2d:
                break;
            default:
                throw new NotSupportedException($"Layer '{layer.Name}' is of kind {layer.Kind}, which the model file has no form for.");
        }

        writer.WriteEndObject();
    }

    /// <summary>What convolutions could not be at first: written only where it says something, so that their files stay what they were.</summary>
    private static void WriteConvolution(Utf8JsonWriter writer, Size2d dilation, int groups, bool hasBias)
    {
        if (dilation != 1)
        {
            Write(writer, "dilation", dilation);
        }

        if (groups != 1)
        {
            writer.WriteNumber("groups", groups);
        }

        if (!hasBias)
        {
            writer.WriteBoolean("has_bias", false);
        }
    }

    /// <summary>One number where the two are the same.</summary>
    private static void Write(Utf8JsonWriter writer, string field, Size2d size)
    {
        if (size.Height == size.Width)
        {
            writer.WriteNumber(field, size.Height);
        }
        else
        {
            Write(writer, field, [size.Height, size.Width]);
        }
    }

    /// <summary>One number where the four are the same.</summary>
    private static void Write(Utf8JsonWriter writer, string field, Padding2d padding)
    {
        if (padding.IsUniform)
        {
            writer.WriteNumber(field, padding.Top);
        }
        else
        {
            Write(writer, field, [padding.Top, padding.Left, padding.Bottom, padding.Right]);
        }
    }

    private static void Write(Utf8JsonWriter writer, string field, ReadOnlySpan<int> numbers)
    {
        writer.WriteStartArray(field);
        foreach (int number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static Size2d ReadSize(JsonFields fields, string field) => fields.OneOrMoreIntegers(field) switch
    {
        [int side] => side,
        [int height, int width] => new Size2d(height, width),
        int[] other => throw new FormatException($"{fields.Place}: '{field}' has {other.Length} numbers; expected one, or height and width"),
    };

    private static Padding2d ReadPadding(JsonFields fields, string field) => fields.OneOrMoreIntegers(field) switch
    {
        [int side] => side,
        [int top, int left, int bottom, int right] => new Padding2d(top, left, bottom, right),
        int[] other => throw new FormatException($"{fields.Place}: '{field}' has {other.Length} numbers; expected one, or top, left, bottom and right"),
    };

    private static Layer ReadLayer(JsonFields fields)
    {
        string kind = fields.Text("kind");
        string name = fields.Text("name");
        fields.Place = $"layer '{name}' ({kind})";
        ImmutableArray<string> inputs = [.. fields.OptionalTexts("inputs")];
        Layer layer = kind switch
        {
            nameof(Conv2d) => new Conv2d(name, fields.Integer("out_channels"), ReadSize(fields, "kernel_size"))
            {
                Stride = ReadSize(fields, "stride"),
                Padding = ReadPadding(fields, "padding"),
                Dilation = fields.Has("dilation") ? ReadSize(fields, "dilation") : 1,
                Groups = fields.Has("groups") ? fields.Integer("groups") : 1,
                HasBias = fields.OptionalFlag("has_bias", absent: true),
            },
            nameof(ConvTranspose2d) => new ConvTranspose2d(name, fields.Integer("out_channels"), ReadSize(fields, "kernel_size"))
            {
                Stride = ReadSize(fields, "stride"),
                Padding = ReadPadding(fields, "padding"),
                OutputPadding = ReadSize(fields, "output_padding"),
                Dilation = fields.Has("dilation") ? ReadSize(fields, "dilation") : 1,
                Groups = fields.Has("groups") ? fields.Integer("groups") : 1,
                HasBias = fields.OptionalFlag("has_bias", absent: true),
            },
            nameof(BatchNorm2d) => new BatchNorm2d(name) { Epsilon = fields.Single("epsilon"), Momentum = fields.Single("momentum") },
            nameof(LeakyRelu) => new LeakyRelu(name) { NegativeSlope = fields.Single("negative_slope") },
            nameof(MaxPool2d) => new MaxPool2d(name, ReadSize(fields, "kernel_size"))
            {
                Stride = ReadSize(fields, "stride"),
                Padding = fields.Has("padding") ? ReadPadding(fields, "padding") : 0,
                CeilMode = fields.OptionalFlag("ceil_mode"),
            },
            nameof(AveragePool2d) => new AveragePool2d(name, ReadSize(fields, "kernel_size"))
            {
                Stride = ReadSize(fields, "stride"),
                Padding = ReadPadding(fields, "padding"),
                CeilMode = fields.OptionalFlag("ceil_mode"),
                CountIncludePadding = fields.OptionalFlag("count_include_padding", absent: true),
            },
            nameof(ZeroPad2d) => new ZeroPad2d(name) { Padding = ReadPadding(fields, "padding") },
            nameof(HardSigmoid) => new HardSigmoid(name) { Alpha = fields.Single("alpha"), Beta = fields.Single("beta") },
            nameof(Clip) => new Clip(name) { Minimum = fields.Single("minimum"), Maximum = fields.Single("maximum") },
            nameof(GlobalAveragePool2d) => new GlobalAveragePool2d(name),
            nameof(Dropout) => new Dropout(name) { Rate = fields.Single("rate") },
            nameof(Relu) => new Relu(name),
            nameof(Sigmoid) => new Sigmoid(name),
            nameof(Silu) => new Silu(name),
            nameof(HardSwish) => new HardSwish(name),
            nameof(Softmax) => new Softmax(name),
            nameof(Concat) => new Concat(name),
            nameof(Add) => new Add(name),
            nameof(Multiply) => new Multiply(name),
            _ => throw new FormatException($"{fields.Place}: an unknown kind of layer"),
        };
        fields.Finish();
        return layer with { Inputs = inputs };
    }
}
