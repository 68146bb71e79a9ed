using System.Text.Json.Serialization;

namespace SimNet.Embeddings;

/// <summary>Source-generated JSON serialization of class names.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class ClassNamesJson : JsonSerializerContext;
