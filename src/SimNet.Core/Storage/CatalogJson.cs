using System.Text.Json.Serialization;

namespace SimNet.Core;

/// <summary>Serializes the manifest without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CatalogManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;

/// <summary>Serializes the lines of the product file without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CatalogProduct))]
internal sealed partial class ProductJson : JsonSerializerContext;
