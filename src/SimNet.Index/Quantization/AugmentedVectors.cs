namespace SimNet.Index;

/// <summary>
/// The rows as points for which nearest means Euclidean nearest, whatever the metric, so that one kind of code serves all metrics.
/// </summary>
/// <remarks>
/// For Euclidean and cosine distance, the points are the (normalized) rows themselves. For inner product, each row x is augmented by the
/// coordinate √(M² - |x|²), where M is the largest norm of a row. All points then have norm M, and the largest product with a query,
/// whose additional coordinate is 0, is the smallest Euclidean distance (Bachrach et al., "Speeding up the Xbox recommender system using a
/// Euclidean transformation for inner-product spaces", 2014).
/// </remarks>
internal sealed unsafe class AugmentedVectors
{
    private readonly VectorRows _rows;

    public AugmentedVectors(VectorRows rows, CancellationToken cancellationToken)
    {
        _rows = rows;
        double largest = 0;
        for (int row = 0; row < rows.Count; row++)
        {
            if (row % VectorRows.RowsPerCancellationCheck == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            largest = Math.Max(largest, VectorRows.SumOfSquares(new ReadOnlySpan<float>(rows.Row(row), rows.Dimensions)));
        }

        MaxNorm = Math.Sqrt(largest);
    }

    public int Count => _rows.Count;

    public int Dimensions => DimensionsOf(_rows.Dimensions, _rows.Metric);

    public int Stride => VectorRows.StrideOf(Dimensions);

    /// <summary>M, the largest norm of a row.</summary>
    public double MaxNorm { get; }

    /// <summary>The number of coordinates of an augmented vector.</summary>
    public static int DimensionsOf(int dimensions, Metric metric) => metric == Metric.InnerProduct ? dimensions + 1 : dimensions;

    /// <summary>Copies an augmented row to a buffer of <see cref="Stride"/> components and clears the padding.</summary>
    public void CopyTo(int row, float* destination)
    {
        var target = new Span<float>(destination, Stride);
        var vector = new ReadOnlySpan<float>(_rows.Row(row), _rows.Dimensions);
        target[vector.Length..].Clear();
        vector.CopyTo(target);
        if (_rows.Metric == Metric.InnerProduct)
        {
            target[vector.Length] = (float)Math.Sqrt(Math.Max(0, (MaxNorm * MaxNorm) - VectorRows.SumOfSquares(vector)));
        }
    }
}
