using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>The values of a parameter: a dense, row-major float32 tensor.</summary>
public sealed class WeightTensor
{
    /// <summary>Initializes a tensor. The values are not copied.</summary>
    /// <param name="dimensions">The dimensions, outermost first, each at least 0; empty for a single value.</param>
    /// <param name="values">The values, row-major; as many as the product of the dimensions.</param>
    /// <exception cref="ArgumentException">The number of values is not the product of the dimensions.</exception>
    public WeightTensor(ImmutableArray<int> dimensions, ReadOnlyMemory<float> values)
    {
        if (dimensions.IsDefault)
        {
            throw new ArgumentException(
                "The array is uninitialized; expected dimensions, or an empty array for a single value.", nameof(dimensions));
        }

        // Stops multiplying once the count exceeds the length of any array, to avoid overflow.
        long count = dimensions.Contains(0) ? 0 : 1;
        foreach (int dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(dimensions));
            count = count > int.MaxValue ? count : count * dimension;
        }

        if (count != values.Length)
        {
            throw new ArgumentException(
                $"Got {values.Length} values for dimensions [{string.Join(", ", dimensions)}]; expected {count}.", nameof(values));
        }

        Dimensions = dimensions;
        Values = values;
    }

    /// <summary>The dimensions, outermost first; empty for a single value.</summary>
    public ImmutableArray<int> Dimensions { get; }

    /// <summary>The values, row-major.</summary>
    public ReadOnlyMemory<float> Values { get; }
}
