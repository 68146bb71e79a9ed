using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>
/// The rows in full precision, augmented for inner product as <see cref="AugmentedVectors"/> does, as the points of a tree.
/// </summary>
internal sealed unsafe class VectorTreePoints : TreePoints
{
    private readonly VectorRows _rows;
    private readonly float[]? _additional;
    private readonly VectorBuffer _point;
    private readonly VectorBuffer _normal;
    private float _additionalOfNormal;

    /// <param name="rows">The rows.</param>
    /// <param name="additional">The additional coordinate of each row; null unless the metric is inner product.</param>
    public VectorTreePoints(VectorRows rows, float[]? additional)
    {
        _rows = rows;
        _additional = additional;
        Stride = VectorRows.StrideOf(AugmentedVectors.DimensionsOf(rows.Dimensions, rows.Metric));
        _point = new VectorBuffer(Stride);
        _normal = new VectorBuffer(rows.Stride);
    }

    public override int Count => _rows.Count;

    public override int Stride { get; }

    public override bool IsCentered => _rows.Metric != Metric.Euclidean;

    /// <summary>The additional coordinates of all rows; null unless the metric is inner product.</summary>
    public static float[]? AdditionalCoordinates(VectorRows rows, CancellationToken cancellationToken)
    {
        if (rows.Metric != Metric.InnerProduct)
        {
            return null;
        }

        var points = new AugmentedVectors(rows, cancellationToken);
        var point = new VectorBuffer(points.Stride);
        var additional = new float[rows.Count];
        for (int row = 0; row < rows.Count; row++)
        {
            if (row % VectorRows.RowsPerCancellationCheck == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            points.CopyTo(row, point.Pointer);
            additional[row] = point.Span[rows.Dimensions];
        }

        return additional;
    }

    public override float* Load(int row)
    {
        Row(row).CopyTo(_point.Span);
        if (_additional is not null)
        {
            _point.Span[_rows.Dimensions] = _additional[row];
        }

        return _point.Pointer;
    }

    public override bool AreEqual(int row, int other) => Row(row).SequenceEqual(Row(other));

    public override bool TrySetNormal(Span<float> normal, out float scale)
    {
        double length = Math.Sqrt(VectorRows.SumOfSquares(normal));
        scale = 1;
        if (!(length > 0))
        {
            return false;
        }

        for (int i = 0; i < normal.Length; i++)
        {
            normal[i] = (float)(normal[i] / length);
        }

        // The additional coordinate of a query is 0, so the stored normal has none.
        normal[.._rows.Stride].CopyTo(_normal.Span);
        if (_additional is not null)
        {
            _additionalOfNormal = normal[_rows.Dimensions];
            _normal.Span[_rows.Dimensions..].Clear();
        }

        return true;
    }

    public override float CenteredOffset(float scale) => 0;

    public override float Product(int row)
    {
        float product = DotKernel.Compute(_normal.Pointer, _rows.Row(row), _rows.Stride);
        return _additional is null ? product : product + (_additionalOfNormal * _additional[row]);
    }

    public override byte[] CopyNormal() => MemoryMarshal.AsBytes(_normal.Span).ToArray();

    private ReadOnlySpan<float> Row(int row) => new(_rows.Row(row), _rows.Stride);
}
