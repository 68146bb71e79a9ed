using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>One parameter of a layer: its name, its shape, and whether training changes it by gradient.</summary>
/// <param name="Name">Full name in PyTorch's manner: the layer's name, a dot, and <c>weight</c>, <c>bias</c>, <c>running_mean</c> or <c>running_var</c>.</param>
/// <param name="Dimensions">Shape in PyTorch's order: for a convolution out x in x height x width, for a transposed one in x out x height x width.</param>
/// <param name="Trainable">False for batch norm's running statistics.</param>
public sealed record ParameterInfo(string Name, ImmutableArray<int> Dimensions, bool Trainable)
{
    /// <summary>Whether the other is of the same name, dimensions and kind; dimensions compare by value.</summary>
    public bool Equals(ParameterInfo? other) =>
        other is not null && Name == other.Name && Trainable == other.Trainable && Dimensions.AsSpan().SequenceEqual(other.Dimensions.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Trainable, Dimensions.Length);

    /// <summary>Number of values.</summary>
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
