using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Describes one parameter of a layer.</summary>
/// <param name="Name">
/// The full name, as in PyTorch: the name of the layer, a dot, and <c>weight</c>, <c>bias</c>, <c>running_mean</c>, or
/// <c>running_var</c>.
/// </param>
/// <param name="Dimensions">
/// The dimensions, in the order of PyTorch: out x in x height x width for the weights of a convolution, in x out x height x width for
/// those of a transposed convolution.
/// </param>
/// <param name="Trainable">Whether training changes it by gradient; false for the running statistics of batch norm.</param>
public sealed record ParameterInfo(string Name, ImmutableArray<int> Dimensions, bool Trainable)
{
    /// <summary>Determines whether two parameters are equal, comparing dimensions by value.</summary>
    /// <param name="other">The parameter to compare with.</param>
    /// <returns>True if name, dimensions, and trainability are equal.</returns>
    public bool Equals(ParameterInfo? other) =>
        other is not null
        && Name == other.Name
        && Trainable == other.Trainable
        && Dimensions.AsSpan().SequenceEqual(other.Dimensions.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Trainable, Dimensions.Length);

    /// <summary>The number of values: the product of the dimensions.</summary>
    public int Count
    {
        get
        {
            int count = 1;
            foreach (int dimension in Dimensions)
            {
                count = checked(count * dimension);
            }

            return count;
        }
    }
}
