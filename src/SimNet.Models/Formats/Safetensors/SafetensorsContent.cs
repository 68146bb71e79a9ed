namespace SimNet.Models;

/// <summary>What a safetensors file holds.</summary>
/// <param name="Tensors">The tensors, as float32.</param>
/// <param name="Metadata">The header's <c>__metadata__</c>; empty where there is none.</param>
public sealed record SafetensorsContent(StateDict Tensors, IReadOnlyDictionary<string, string> Metadata);
