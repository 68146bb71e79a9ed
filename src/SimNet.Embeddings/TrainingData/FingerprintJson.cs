using System.Text.Json.Serialization;

namespace SimNet.Embeddings;

/// <summary>
/// Source-generated JSON serialization of options for a fingerprint. Unlike the text of a record, JSON is the same in every culture.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(Augmentation))]
[JsonSerializable(typeof(DenoisingDataOptions))]
internal sealed partial class FingerprintJson : JsonSerializerContext;
