using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>A tensor to write as a given type; values that the type cannot represent are rounded to nearest.</summary>
internal sealed record SafetensorsTensor(string Name, SafetensorsType Type, ImmutableArray<int> Dimensions, ReadOnlyMemory<float> Values)
{
    public static SafetensorsTensor Single(string name, WeightTensor tensor) =>
        new(name, SafetensorsType.F32, tensor.Dimensions, tensor.Values);
}
