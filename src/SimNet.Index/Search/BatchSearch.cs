using System.Runtime.ExceptionServices;

namespace SimNet.Index;

/// <summary>Searches for many queries on several threads.</summary>
internal static class BatchSearch
{
    public static Neighbor[][] Run(
        IVectorIndex index, ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options, CancellationToken cancellationToken)
    {
        options ??= new BatchSearchOptions();
        int rows = Check(index, queries, count, options);
        var results = new Neighbor[rows][];
        int limit = Math.Min(count, index.Count);
        Each(
            rows,
            options,
            row => results[row] = Answer(index, queries.Span.Slice(row * index.Dimensions, index.Dimensions), limit, options.Search),
            cancellationToken);
        return results;
    }

    /// <summary>Computes the same answers by multiplying panels of queries with all rows; see <see cref="GemmSearch"/>.</summary>
    public static Neighbor[][] RunGemm(
        IVectorIndex index,
        RowStore store,
        ReadOnlyMemory<float> queries,
        int count,
        BatchSearchOptions options,
        CancellationToken cancellationToken)
    {
        int rows = queries.Length / index.Dimensions, limit = Math.Min(count, index.Count);
        var results = new Neighbor[rows][];
        var scan = new GemmSearch(store.Rows);
        using IndexMemory.Lease lease = store.Memory.Enter(index);

        // A panel with few queries takes as long as a full one.
        int rest = rows % GemmKernel.PanelRows;
        int singles = rest < GemmSearch.MinQueries ? rest : 0;
        int panels = (rows - singles + GemmKernel.PanelRows - 1) / GemmKernel.PanelRows;
        Each(panels + singles, options, SearchPanel, cancellationToken);
        return results;

        void SearchPanel(int task)
        {
            if (task >= panels)
            {
                int row = rows - singles + task - panels;
                results[row] = Answer(index, queries.Span.Slice(row * index.Dimensions, index.Dimensions), limit, options.Search);
                return;
            }

            int first = task * GemmKernel.PanelRows;
            var buffers = new VectorBuffer[Math.Min(GemmKernel.PanelRows, rows - first)];
            var nearest = new Neighbor[buffers.Length][];
            var found = new int[buffers.Length];
            for (int i = 0; i < buffers.Length; i++)
            {
                buffers[i] = new VectorBuffer(store.Rows.Stride);
                StoreQuery(store.Rows, queries.Span.Slice((first + i) * index.Dimensions, index.Dimensions), buffers[i]);
                nearest[i] = new Neighbor[limit];
            }

            scan.Search(buffers, nearest, found, options.Search, cancellationToken);
            for (int i = 0; i < buffers.Length; i++)
            {
                Array.Resize(ref nearest[i], found[i]);
                results[first + i] = nearest[i];
            }
        }
    }

    /// <summary>Runs an action for each query on the allowed number of threads. The first exception is rethrown as it is.</summary>
    public static void Each(int count, BatchSearchOptions options, Action<int> search, CancellationToken cancellationToken)
    {
        try
        {
            Parallel.For(0, count, RowStore.Parallelism(options.MaxThreads, cancellationToken), search);
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private static Neighbor[] Answer(IVectorIndex index, ReadOnlySpan<float> query, int limit, in SearchOptions options)
    {
        var found = new Neighbor[limit];
        int count = index.Search(query, found, options);
        Array.Resize(ref found, count);
        return found;
    }

    private static unsafe void StoreQuery(VectorRows rows, ReadOnlySpan<float> query, VectorBuffer buffer) =>
        rows.StoreQuery(query, buffer.Pointer);

    /// <summary>Validates the arguments before any work is done, and returns the number of queries.</summary>
    public static int Check(IVectorIndex index, ReadOnlyMemory<float> queries, int count, BatchSearchOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxThreads, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Search.SearchEffort, nameof(options));
        if (queries.Length % index.Dimensions != 0)
        {
            throw new ArgumentException(
                $"{queries.Length} values are not a multiple of the {index.Dimensions} dimensions.", nameof(queries));
        }

        int rows = queries.Length / index.Dimensions;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> query = queries.Span.Slice(row * index.Dimensions, index.Dimensions);
            VectorRows.CheckQuery(query, index.Metric, $"Query {row}", nameof(queries));
        }

        return rows;
    }
}
