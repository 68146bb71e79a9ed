namespace SimNet.Index;

/// <summary>
/// The rows as points among which near is Euclidean, whatever the metric, so that one kind of code serves all of them.
/// </summary>
/// <remarks>
/// For Euclidean distance they are the rows themselves, and so they are for the cosine, of rows of length one. For the inner product each row x
/// gets one coordinate more, √(M² − |x|²) with M the longest row's length: all then have length M, and the largest product with a query, whose own such
/// coordinate is 0, is the smallest distance (Bachrach et al., "Speeding up the Xbox recommender system using a Euclidean transformation for inner-product
/// spaces", 2014).
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

    /// <summary>M, the length of the longest row.</summary>
    public double MaxNorm { get; }

    /// <summary>How many coordinates a lifted vector has.</summary>
    public static int DimensionsOf(int dimensions, Metric metric) => metric == Metric.InnerProduct ? dimensions + 1 : dimensions;

    /// <summary>Copies a row, lifted, to room for <see cref="Stride"/> numbers, the padding zero.</summary>
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
