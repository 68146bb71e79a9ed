using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>A tensor whose values are known as the file is read, but for the batch's size: numbers, or whole ones.</summary>
internal sealed record OnnxConstant : OnnxValue
{
    /// <summary>Stands among whole numbers for the size of the batch, with which nothing can be computed.</summary>
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

    /// <summary>Sizes, outermost first; empty for a single value.</summary>
    public ImmutableArray<int> Dimensions { get; }

    /// <summary>The values where they are floating-point numbers.</summary>
    public float[]? Numbers { get; }

    /// <summary>The values where they are whole numbers.</summary>
    public long[]? Integers { get; }

    public int Count { get; }

    /// <summary>The tensor of the file that it is, or was before its shape or type was changed; null for others.</summary>
    public string? TensorName { get; init; }
}
