namespace SimNet.Models;

/// <summary>The content of a safetensors file.</summary>
/// <param name="Tensors">The tensors, as float32.</param>
/// <param name="Metadata">The <c>__metadata__</c> of the header; empty if there is none.</param>
public sealed record SafetensorsContent(StateDict Tensors, IReadOnlyDictionary<string, string> Metadata);
