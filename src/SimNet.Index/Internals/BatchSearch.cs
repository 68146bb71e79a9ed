using System.Runtime.ExceptionServices;

namespace SimNet.Index;

/// <summary>Searches for many queries on all cores, one query at a time on each.</summary>
internal static class BatchSearch
{
    public static Neighbor[][] Run(
        IVectorIndex index, ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options, CancellationToken cancellationToken)
    {
        options ??= new BatchSearchOptions();
        int rows = Check(index, queries, count, options);
        var results = new Neighbor[rows][];
        int most = Math.Min(count, index.Count);
        Each(rows, options, Search, cancellationToken);
        return results;

        void Search(int row)
        {
            var found = new Neighbor[most];
            int foundCount = index.Search(queries.Span.Slice(row * index.Dimensions, index.Dimensions), found, options.Search);
            Array.Resize(ref found, foundCount);
            results[row] = found;
        }
    }

    /// <summary>Does something for each query on as many threads as allowed. The first exception comes out as it is.</summary>
    public static void Each(int count, BatchSearchOptions options, Action<int> search, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = options.MaxThreads == 0 ? Environment.ProcessorCount : options.MaxThreads,
        };
        try
        {
            Parallel.For(0, count, parallel, search);
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    /// <summary>Checks the arguments before any work is done and says how many queries there are.</summary>
    public static int Check(IVectorIndex index, ReadOnlyMemory<float> queries, int count, BatchSearchOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxThreads, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Search.SearchEffort, nameof(options));
        if (queries.Length % index.Dimensions != 0)
        {
            throw new ArgumentException(
                $"{queries.Length} numbers are not a whole number of queries of {index.Dimensions} dimensions.", nameof(queries));
        }

        int rows = queries.Length / index.Dimensions;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> query = queries.Span.Slice(row * index.Dimensions, index.Dimensions);
            if (!(VectorRows.SumOfSquares(query) <= VectorRows.MaxLength * VectorRows.MaxLength))
            {
                throw VectorRows.Refusal(query, $"Query {row}", nameof(queries));
            }
        }

        return rows;
    }
}
