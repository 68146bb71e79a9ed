using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>A tensor of floating-point numbers or integers that is known during import, except for the batch size.</summary>
internal sealed record OnnxConstant : OnnxValue
{
    /// <summary>A placeholder among integers for the batch size, which is unknown.</summary>
    public const long Batch = long.MinValue;

    public OnnxConstant(ImmutableArray<int> dimensions, float[] numbers)
    {
        Dimensions = dimensions;
        Numbers = numbers;
        Count = numbers.Length;
    }

    public OnnxConstant(ImmutableArray<int> dimensions, long[] integers)
    {
        Dimensions = dimensions;
        Integers = integers;
        Count = integers.Length;
    }

    /// <summary>The dimensions, outermost first; empty for a single value.</summary>
    public ImmutableArray<int> Dimensions { get; }

    /// <summary>The floating-point values; null for integers.</summary>
    public float[]? Numbers { get; }

    /// <summary>The integer values; null for floating-point numbers.</summary>
    public long[]? Integers { get; }

    public int Count { get; }

    /// <summary>The name of the tensor in the file, possibly before a change of shape or type; null if it is computed.</summary>
    public string? TensorName { get; init; }
}
