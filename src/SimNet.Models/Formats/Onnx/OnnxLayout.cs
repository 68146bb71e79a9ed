using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>
/// How the axes of a value in the graph, after the batch, step through the values of one sample, which a layer stores channel by channel,
/// row by row. Reshaping, transposing, and squeezing change only the layout. An axis has one or several factors, each a size and the
/// distance of consecutive elements; it is, for example, the channels if its one factor steps from channel to channel.
/// </summary>
internal sealed class OnnxLayout : IEquatable<OnnxLayout>
{
    private static readonly ImmutableArray<OnnxAxis> Kinds =
        [OnnxAxis.Channels, OnnxAxis.Rows, OnnxAxis.Columns, OnnxAxis.Pixels, OnnxAxis.Values];

    private readonly ImmutableArray<ImmutableArray<Factor>> _axes;

    private OnnxLayout(IEnumerable<IEnumerable<Factor>> axes) => _axes = [.. axes.Select(Merge)];

    /// <summary>The number of axes, without the batch.</summary>
    public int Count => _axes.Length;

    /// <summary>The size of each axis.</summary>
    public IEnumerable<int> Sizes => _axes.Select(SizeOf);

    /// <summary>Whether the order of the values is that in which the layer stores them.</summary>
    public bool IsContiguous => Merge(_axes.SelectMany(axis => axis)) is [] or [{ Stride: 1 }];

    /// <summary>The layout of a feature map: channels, rows, columns.</summary>
    public static OnnxLayout Of(Shape shape) => Of([OnnxAxis.Channels, OnnxAxis.Rows, OnnxAxis.Columns], shape);

    /// <summary>The layout with these axes.</summary>
    public static OnnxLayout Of(IEnumerable<OnnxAxis> axes, Shape shape) =>
        new(axes.Select(axis => (IEnumerable<Factor>)[FactorOf(axis, shape)]));

    /// <summary>What an axis steps through.</summary>
    public OnnxAxis AxisOf(int axis, Shape shape)
    {
        if (_axes[axis].IsEmpty)
        {
            return OnnxAxis.One;
        }

        foreach (OnnxAxis kind in Kinds)
        {
            if (_axes[axis] is [Factor only] && only == FactorOf(kind, shape))
            {
                return kind;
            }
        }

        return OnnxAxis.Other;
    }

    /// <summary>What each axis steps through.</summary>
    public OnnxAxis[] AxesOf(Shape shape) => [.. Enumerable.Range(0, Count).Select(axis => AxisOf(axis, shape))];

    /// <summary>
    /// The number of groups of a channel shuffle, if an axis is the channels with their groups interleaved; 0 if it is not.
    /// </summary>
    public int ShuffledGroups(int axis, Shape shape)
    {
        int pixels = shape.Height * shape.Width;
        return _axes[axis] is [Factor inner, Factor groups]
            && inner.Stride == pixels
            && groups.Stride == inner.Size * pixels
            && inner.Size * groups.Size == shape.Channels
                ? groups.Size
                : 0;
    }

    /// <summary>The index of each element of an axis among the values of a sample, in the order of the axis.</summary>
    public int[] IndexesOf(int axis)
    {
        int[] indexes = [0];
        foreach (Factor factor in _axes[axis])
        {
            indexes = [.. indexes.SelectMany(index => Enumerable.Range(0, factor.Size).Select(i => index + (i * factor.Stride)))];
        }

        return indexes;
    }

    /// <summary>Splits and merges axes without changing the order of the values; null if an axis would have to be cut unevenly.</summary>
    /// <param name="sizes">The new sizes, with the same product.</param>
    public OnnxLayout? Reshape(IReadOnlyList<int> sizes)
    {
        var left = new Stack<Factor>(_axes.SelectMany(axis => axis).Reverse());
        var axes = new List<List<Factor>>();
        foreach (int size in sizes)
        {
            var axis = new List<Factor>();
            for (int rest = size; rest > 1;)
            {
                Factor factor = left.Pop();
                if (factor.Size <= rest && rest % factor.Size == 0)
                {
                    axis.Add(factor);
                    rest /= factor.Size;
                }
                else if (factor.Size % rest == 0)
                {
                    int inner = factor.Size / rest;
                    axis.Add(new Factor(rest, factor.Stride * inner));
                    left.Push(new Factor(inner, factor.Stride));
                    rest = 1;
                }
                else
                {
                    return null;
                }
            }

            axes.Add(axis);
        }

        return new OnnxLayout(axes);
    }

    /// <summary>Reorders the axes.</summary>
    public OnnxLayout Transpose(IEnumerable<int> order) => new(order.Select(axis => (IEnumerable<Factor>)_axes[axis]));

    /// <summary>Removes axes.</summary>
    public OnnxLayout Without(IReadOnlyCollection<int> axes) =>
        new(_axes.Where((_, axis) => !axes.Contains(axis)).Select(axis => (IEnumerable<Factor>)axis));

    /// <summary>Inserts axes of size 1, at these places of the result.</summary>
    public OnnxLayout Insert(IReadOnlyCollection<int> places)
    {
        var rest = new Queue<ImmutableArray<Factor>>(_axes);
        return new OnnxLayout(Enumerable.Range(0, Count + places.Count)
            .Select(place => places.Contains(place) ? (IEnumerable<Factor>)[] : rest.Dequeue()));
    }

    /// <summary>Whether the axes step alike.</summary>
    public bool Equals(OnnxLayout? other) =>
        other is not null && Count == other.Count && _axes.Zip(other._axes).All(pair => pair.First.SequenceEqual(pair.Second));

    public override bool Equals(object? obj) => Equals(obj as OnnxLayout);

    public override int GetHashCode() => Sizes.Aggregate(0, HashCode.Combine);

    private static int SizeOf(ImmutableArray<Factor> axis) => axis.Aggregate(1, (size, factor) => size * factor.Size);

    private static Factor FactorOf(OnnxAxis axis, Shape shape) => axis switch
    {
        OnnxAxis.One => new Factor(1, 1),
        OnnxAxis.Channels => new Factor(shape.Channels, shape.Height * shape.Width),
        OnnxAxis.Rows => new Factor(shape.Height, shape.Width),
        OnnxAxis.Columns => new Factor(shape.Width, 1),
        OnnxAxis.Pixels => new Factor(shape.Height * shape.Width, 1),
        OnnxAxis.Values => new Factor(shape.Length, 1),
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "Expected an axis of a feature map."),
    };

    /// <summary>Merges factors that together step like one, and drops those of size 1.</summary>
    private static ImmutableArray<Factor> Merge(IEnumerable<Factor> factors)
    {
        var merged = ImmutableArray.CreateBuilder<Factor>();
        foreach (Factor factor in factors.Where(factor => factor.Size > 1))
        {
            if (merged.Count > 0 && merged[^1].Stride == factor.Size * factor.Stride)
            {
                merged[^1] = new Factor(merged[^1].Size * factor.Size, factor.Stride);
            }
            else
            {
                merged.Add(factor);
            }
        }

        return merged.ToImmutable();
    }

    private readonly record struct Factor(int Size, int Stride);
}
