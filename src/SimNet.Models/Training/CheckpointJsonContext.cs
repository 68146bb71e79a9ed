using System.Text.Json.Serialization;

namespace SimNet.Models;

/// <summary>Source-generated JSON serialization of the history.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(EpochRecord[]))]
internal sealed partial class CheckpointJsonContext : JsonSerializerContext;
