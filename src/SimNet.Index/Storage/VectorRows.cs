using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>
/// The vectors of an index, one after another, each padded with zeros to a multiple of 16 components: every row starts at a cache line and
/// kernels have no remainder to process. Vectors are validated when they are stored.
/// </summary>
internal sealed unsafe class VectorRows
{
    /// <summary>The length of a row in memory is a multiple of this number of components.</summary>
    public const int Alignment = 16;

    public const int MaxDimensions = 65536;

    /// <summary>
    /// The largest norm of a vector. It keeps every product, square and sum of the kernels finite (10³⁶ of 3.4 · 10³⁸).
    /// </summary>
    public const double MaxNorm = 1e18;

    /// <summary>
    /// The norm that at least one row has, unless all are 0 or the metric is cosine. Smaller differences than a ten-thousandth of it lose
    /// bits when squared, and those below 1e-22 vanish.
    /// </summary>
    public const double MinNorm = 1e-15;

    public const int RowsPerCancellationCheck = 256;

    // Stands for a row position.
    private const int Added = -1;

    private readonly IndexMemory _memory;

    public VectorRows(float* pointer, int count, int dimensions, Metric metric, IndexMemory memory)
    {
        Pointer = pointer;
        Count = count;
        Dimensions = dimensions;
        Stride = StrideOf(dimensions);
        Metric = metric;
        _memory = memory;
    }

    public float* Pointer { get; }

    public int Count { get; }

    public int Dimensions { get; }

    /// <summary>The distance between the starts of two consecutive rows, in components.</summary>
    public int Stride { get; }

    public Metric Metric { get; }

    /// <summary>The number of components of all rows, padding included.</summary>
    public long Length => (long)Count * Stride;

    public static int StrideOf(int dimensions) => (dimensions + Alignment - 1) / Alignment * Alignment;

    /// <summary>Validates vectors and copies them in the form that the metric requires.</summary>
    public static VectorRows Copy(
        ReadOnlySpan<float> vectors, int dimensions, Metric metric, IndexMemory memory, CancellationToken cancellationToken)
    {
        if (dimensions is < 1 or > MaxDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, $"Expected 1 to {MaxDimensions} dimensions.");
        }

        if (metric is < Metric.Euclidean or > Metric.InnerProduct)
        {
            throw new ArgumentOutOfRangeException(nameof(metric), metric, "Expected one of the defined metrics.");
        }

        if (vectors.Length % dimensions != 0)
        {
            throw new ArgumentException(
                $"{vectors.Length} values are not a multiple of the {dimensions} dimensions.", nameof(vectors));
        }

        int count = vectors.Length / dimensions;
        int stride = StrideOf(dimensions);
        var rows = new VectorRows(memory.Allocate<float>((long)count * stride), count, dimensions, metric, memory);
        double largest = 0;
        for (int row = 0; row < count; row++)
        {
            if (row % RowsPerCancellationCheck == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            largest = Math.Max(largest, rows.Store(vectors.Slice(row * dimensions, dimensions), rows.Row(row), row, nameof(vectors)));
        }

        return metric == Metric.Cosine || largest == 0 || largest >= MinNorm * MinNorm
            ? rows
            : throw TooSmall("The largest norm of a row", largest, nameof(vectors));
    }

    public float* Row(int id) => Pointer + ((long)id * Stride);

    /// <summary>Validates a query and copies it in the form of the rows.</summary>
    public void StoreQuery(ReadOnlySpan<float> query, float* destination)
    {
        if (query.Length != Dimensions)
        {
            throw new ArgumentException($"The query has {query.Length} dimensions; the index has {Dimensions}.", nameof(query));
        }

        Copy(query, CheckQuery(query, Metric, "The query", nameof(query)), destination);
    }

    /// <summary>Validates a vector added after the build and copies it in the form of the rows.</summary>
    public void StoreAdded(ReadOnlySpan<float> vector, float* destination)
    {
        if (vector.Length != Dimensions)
        {
            throw new ArgumentException($"The vector has {vector.Length} dimensions; the index has {Dimensions}.", nameof(vector));
        }

        Store(vector, destination, Added, nameof(vector));
    }

    /// <summary>Copies a vector: a span over this memory would not keep it from being freed.</summary>
    public void CopyVector(int id, Span<float> destination, IVectorIndex owner)
    {
        if ((uint)id >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(nameof(id), id, $"Expected the ID of one of {Count} rows.");
        }

        if (destination.Length != Dimensions)
        {
            throw new ArgumentException(
                $"The destination has {destination.Length} values; the index has {Dimensions} dimensions.", nameof(destination));
        }

        using IndexMemory.Lease lease = _memory.Enter(owner);
        new ReadOnlySpan<float>(Row(id), Dimensions).CopyTo(destination);
    }

    /// <summary>Σx² in double precision, with the same bits on every processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumOfSquares(ReadOnlySpan<float> vector)
    {
        // Four accumulators, regardless of the width of the processor's registers.
        Vector256<double> sums = default;
        int i = 0;
        for (; i <= vector.Length - 4; i += 4)
        {
            (Vector128<double> low, Vector128<double> high) = Vector128.Widen(Vector128.Create(vector.Slice(i, 4)));
            Vector256<double> numbers = Vector256.Create(low, high);
            sums += numbers * numbers;
        }

        double sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
        for (; i < vector.Length; i++)
        {
            sum0 += (double)vector[i] * vector[i];
        }

        return (sum0 + sum1) + (sum2 + sum3);
    }

    /// <summary>Validates a query; returns its sum of squares.</summary>
    public static double CheckQuery(ReadOnlySpan<float> query, Metric metric, string where, string argument)
    {
        double squares = SumOfSquares(query);
        if (!(squares <= MaxNorm * MaxNorm))
        {
            throw Invalid(query, where, argument);
        }

        if (metric == Metric.InnerProduct && squares > 0 && squares < MinNorm * MinNorm)
        {
            throw TooSmall($"The norm of {char.ToLowerInvariant(where[0])}{where[1..]}", squares, argument);
        }

        return squares;
    }

    /// <summary>Validates and copies a vector; returns its sum of squares.</summary>
    private double Store(ReadOnlySpan<float> vector, float* destination, int row, string argument)
    {
        double squares = SumOfSquares(vector);
        if (!(squares <= MaxNorm * MaxNorm))
        {
            throw Invalid(vector, row == Added ? "The vector" : $"Row {row}", argument);
        }

        Copy(vector, squares, destination);
        return squares;
    }

    private void Copy(ReadOnlySpan<float> vector, double squares, float* destination)
    {
        var target = new Span<float>(destination, Stride);
        target[Dimensions..].Clear();
        if (Metric != Metric.Cosine || squares == 0)
        {
            vector.CopyTo(target);
            return;
        }

        double scale = 1 / Math.Sqrt(squares);
        for (int i = 0; i < vector.Length; i++)
        {
            target[i] = (float)(vector[i] * scale);
        }
    }

    /// <summary>The exception for a vector whose sum of squares is not within the limit.</summary>
    private static ArgumentException Invalid(ReadOnlySpan<float> vector, string where, string argument)
    {
        for (int column = 0; column < vector.Length; column++)
        {
            if (!float.IsFinite(vector[column]))
            {
                string value = vector[column].ToString(CultureInfo.InvariantCulture);
                return new ArgumentException($"{where}, column {column} is {value}; expected a finite number.", argument);
            }
        }

        string norm = Math.Sqrt(SumOfSquares(vector)).ToString("g3", CultureInfo.InvariantCulture);
        return new ArgumentException($"{where} has norm {norm}; expected at most 1e18, so that distances are finite.", argument);
    }

    private static ArgumentException TooSmall(string what, double squares, string argument)
    {
        string norm = Math.Sqrt(squares).ToString("g3", CultureInfo.InvariantCulture);
        return new ArgumentException(
            $"{what} is {norm}; expected 0 or at least 1e-15, so that squares and products do not vanish. Scale the vectors.", argument);
    }
}
