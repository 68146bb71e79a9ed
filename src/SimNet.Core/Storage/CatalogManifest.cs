using System.Text.Json.Serialization;

namespace SimNet.Core;

/// <summary>What a saved catalog's <c>manifest.json</c> says: the files it is made of.</summary>
internal sealed record CatalogManifest
{
    public const string FormatName = "simnet-catalog";
    public const int CurrentVersion = 1;

    public required string Format { get; init; }

    public required int Version { get; init; }

    /// <summary>The model that made the index's vectors; its SHA-256 is its <see cref="Models.Model.Id"/>.</summary>
    public required CatalogFile Model { get; init; }

    public required CatalogFile Index { get; init; }

    public required CatalogFile Products { get; init; }
}

/// <summary>One file of a saved catalog.</summary>
internal sealed record CatalogFile(string Name, long Length, string Sha256);

/// <summary>One line of a saved catalog's products: <see cref="Files"/> tells of each image whether its name is a file's path.</summary>
internal sealed record CatalogProduct(string Id, [property: JsonPropertyName("pictures")] string[] Images, bool[] Files, string? Category = null, SortedDictionary<string, string>? Attributes = null);

/// <summary>Reads and writes the catalog's JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CatalogManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;

/// <summary>Reads and writes product lines without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CatalogProduct))]
internal sealed partial class ProductJson : JsonSerializerContext;
