using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimNet.Embeddings;

/// <summary>Reads and writes a <see cref="Preprocessing"/> as JSON. Each field is required exactly once, and no other is allowed.</summary>
internal static class PreprocessingJson
{
    private const int Version = 1;

    public static string Write(Preprocessing preprocessing) => JsonSerializer.Serialize(
        new PreprocessingDocument
        {
            Version = Version,
            Width = preprocessing.Width,
            Height = preprocessing.Height,
            Color = ToName(preprocessing.Color),
            Fit = ToName(preprocessing.Fit),
            Filter = ToName(preprocessing.Filter),
            Background = $"{preprocessing.Background.Red:x2}{preprocessing.Background.Green:x2}{preprocessing.Background.Blue:x2}",
            Mean = [.. preprocessing.Mean],
            StandardDeviation = [.. preprocessing.StandardDeviation],
        },
        PreprocessingContext.Default.PreprocessingDocument);

    public static Preprocessing Read(string json)
    {
        PreprocessingDocument document;
        try
        {
            // The version is checked first, because another version may have other fields.
            int version = JsonSerializer.Deserialize(json, PreprocessingVersionContext.Default.PreprocessingVersion)?.Version
                ?? throw new FormatException("Preprocessing: null; expected an object.");
            if (version != Version)
            {
                throw new FormatException($"Preprocessing: field 'version' is {version}; expected {Version}.");
            }

            document = JsonSerializer.Deserialize(json, PreprocessingContext.Default.PreprocessingDocument)!;
        }
        catch (JsonException exception)
        {
            throw new FormatException($"Preprocessing: {exception.Message}", exception);
        }

        var color = FromName<ColorMode>(document.Color, "color");
        int channels = color == ColorMode.Gray ? 1 : 3;
        return new Preprocessing
        {
            Width = Size(document.Width, "width"),
            Height = Size(document.Height, "height"),
            Color = color,
            Fit = FromName<FitMode>(document.Fit, "fit"),
            Filter = FromName<ResizeFilter>(document.Filter, "filter"),
            Background = Hexadecimal(document.Background, "background"),
            Mean = Values(document.Mean, channels, positive: false, "mean"),
            StandardDeviation = Values(document.StandardDeviation, channels, positive: true, "standardDeviation"),
        };
    }

    private static int Size(int size, string field) => size is >= 1 and <= Preprocessing.MaximumSize
        ? size
        : throw new FormatException($"Preprocessing: field '{field}' is {size}; expected 1 to {Preprocessing.MaximumSize}.");

    /// <summary>The name of a value in the document. Version 1 spells <see cref="ColorMode.Gray"/> "grey".</summary>
    private static string ToName<T>(T value)
        where T : struct, Enum => value.Equals(ColorMode.Gray) ? "grey" : JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static T FromName<T>(string name, string field)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (ToName(value) == name)
            {
                return value;
            }
        }

        string known = string.Join(", ", Enum.GetValues<T>().Select(ToName));
        throw new FormatException($"Preprocessing: field '{field}' is '{name}'; expected one of {known}.");
    }

    private static RgbColor Hexadecimal(string text, string field) =>
        text.Length == 6 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            ? new RgbColor((byte)(value >> 16), (byte)(value >> 8), (byte)value)
            : throw new FormatException($"Preprocessing: field '{field}' is '{text}'; expected six hexadecimal digits, such as ffffff.");

    private static ImmutableArray<float> Values(float[] values, int channels, bool positive, string field)
    {
        if (values.Length != channels)
        {
            throw new FormatException($"Preprocessing: field '{field}' has {values.Length} values; expected {channels}, one per channel.");
        }

        foreach (float value in values)
        {
            if (!float.IsFinite(value) || (positive && value <= 0))
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                    $"Preprocessing: field '{field}' holds {value}; expected finite values{(positive ? " above 0" : "")}."));
            }
        }

        return [.. values];
    }
}
