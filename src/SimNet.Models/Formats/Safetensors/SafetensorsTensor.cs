using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>One tensor to be written in a type of its own; its values are exact in it, or are rounded to nearest.</summary>
internal sealed record SafetensorsTensor(string Name, SafetensorsType Type, ImmutableArray<int> Dimensions, ReadOnlyMemory<float> Values)
{
    public static SafetensorsTensor Single(string name, WeightTensor tensor) => new(name, SafetensorsType.F32, tensor.Dimensions, tensor.Values);
}
