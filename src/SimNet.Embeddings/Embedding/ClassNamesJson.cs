using System.Text.Json.Serialization;

namespace SimNet.Embeddings;

/// <summary>The classes' names as JSON, without reflection.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class ClassNamesJson : JsonSerializerContext;
