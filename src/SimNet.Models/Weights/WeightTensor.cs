using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>A named parameter's values: float32, row-major, with their dimensions.</summary>
public sealed class WeightTensor
{
    /// <summary>A tensor over <paramref name="values"/>, which is not copied.</summary>
    /// <param name="dimensions">Sizes, outermost first; empty for a single value. Each at least 0.</param>
    /// <param name="values">As many values as the dimensions multiply to.</param>
    /// <exception cref="ArgumentException">The number of values is not the product of the dimensions.</exception>
    public WeightTensor(ImmutableArray<int> dimensions, ReadOnlyMemory<float> values)
    {
        if (dimensions.IsDefault)
        {
            throw new ArgumentException("There are no dimensions; expected an array, empty for a single value.", nameof(dimensions));
        }

        // Past what an array may hold it only needs to stay too large; a 0 further on still makes it 0.
        long count = dimensions.Contains(0) ? 0 : 1;
        foreach (int dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(dimensions));
            count = count > int.MaxValue ? count : count * dimension;
        }

        if (count != values.Length)
        {
            throw new ArgumentException($"{values.Length} values for dimensions [{string.Join(", ", dimensions)}]; expected {count}.", nameof(values));
        }

        Dimensions = dimensions;
        Values = values;
    }

    /// <summary>Sizes, outermost first; empty for a single value.</summary>
    public ImmutableArray<int> Dimensions { get; }

    /// <summary>The values, row-major.</summary>
    public ReadOnlyMemory<float> Values { get; }
}
