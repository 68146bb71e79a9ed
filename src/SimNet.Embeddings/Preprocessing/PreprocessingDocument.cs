using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimNet.Embeddings;

/// <summary>The JSON document of a <see cref="Preprocessing"/>, version 1.</summary>
internal sealed record PreprocessingDocument
{
    public required int Version { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required string Color { get; init; }

    public required string Fit { get; init; }

    public required string Filter { get; init; }

    public required string Background { get; init; }

    public required float[] Mean { get; init; }

    public required float[] StandardDeviation { get; init; }
}

/// <summary>The field that the documents of all versions have.</summary>
internal sealed record PreprocessingVersion
{
    public required int Version { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PreprocessingDocument))]
internal sealed partial class PreprocessingContext : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PreprocessingVersion))]
internal sealed partial class PreprocessingVersionContext : JsonSerializerContext;
