using System.Collections.Immutable;
using System.Diagnostics;
using SimNet.Embeddings;
using SimNet.Evaluation;
using SimNet.Index;

namespace SimNet.Core;

/// <summary>Evaluates the recommendations of an engine with labeled products.</summary>
public static class CatalogEvaluation
{
    /// <summary>
    /// Queries the engine with each image of <paramref name="queries"/>. A recommendation is relevant if it has the same label value as the
    /// query. If the product of a query is in the catalog of the engine, it is never recommended to itself.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="queries">The products whose images are the queries.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Receives the completed share; 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the work between queries.</param>
    /// <returns>The quality of the recommendations.</returns>
    /// <exception cref="ArgumentException">
    /// No query, or no product of the engine, has the label, or an option is out of range.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public static async Task<CatalogEvaluationReport> EvaluateAsync(
        this SimilarityEngine engine,
        ProductCatalog queries,
        CatalogEvaluationOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(queries);
        options ??= new CatalogEvaluationOptions();
        Check(options);

        Dictionary<string, int> relevantByLabel = engine.Products
            .Select(product => product.GetLabel(options.Label)).OfType<string>()
            .CountBy(label => label, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        RequireLabel(engine.Products, "product of the engine", options);
        RequireLabel(queries, "query", options);

        var clock = Stopwatch.StartNew();
        (List<EmbeddedQuery> embedded, ImmutableArray<ImageFailure> failures) =
            await EmbedAsync(engine.Embedder, queries, progress, cancellationToken).ConfigureAwait(false);
        TimeSpan embeddingTime = clock.Elapsed;

        clock.Restart();
        int maxThreads = options.MaxThreads == 0 ? Environment.ProcessorCount : options.MaxThreads;
        int threads = Math.Max(1, Math.Min(embedded.Count, maxThreads));
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads };
        var results = new IReadOnlyList<Recommendation>[embedded.Count];
        int done = 0;
        await Task.Run(() => Parallel.For(0, embedded.Count, parallel, i =>
        {
            string id = embedded[i].Product.Id;
            results[i] = engine.FindSimilar(embedded[i].Vector.Span, new QueryOptions
            {
                Count = options.Count,
                SearchEffort = options.SearchEffort,
                Filter = engine.Products.Find(id) is null ? null : product => product.Id != id,
            });
            if (progress is not null)
            {
                // One report at a time, so that the progress never decreases.
                lock (results)
                {
                    if (++done % 64 == 0)
                    {
                        progress.Report(0.5 + (0.5 * done / embedded.Count));
                    }
                }
            }
        }), cancellationToken).ConfigureAwait(false);
        TimeSpan searchTime = clock.Elapsed;

        var evaluator = new RetrievalEvaluator(options.Count);
        for (int i = 0; i < embedded.Count; i++)
        {
            string? label = embedded[i].Product.GetLabel(options.Label);
            int relevant = label is null ? 0 : relevantByLabel.GetValueOrDefault(label);
            relevant -= relevant > 0 && engine.Products.Find(embedded[i].Product.Id)?.GetLabel(options.Label) == label ? 1 : 0;
            evaluator.Add(label, [.. results[i].Select(hit => hit.Product.GetLabel(options.Label))], relevant);
        }

        SearchQualityReport? recall = null;
        if (options.ExactQueries > 0 && embedded.Count > 0 && engine.Index is not ExactIndex)
        {
            recall = await Task.Run(
                () => MeasureRecall(engine.Index, embedded, options, threads, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        progress?.Report(1);
        double queriesPerSecond = embedded.Count / searchTime.TotalSeconds;
        return new CatalogEvaluationReport(evaluator.Report, recall, failures, threads, embeddingTime, searchTime, queriesPerSecond);
    }

    private static void Check(CatalogEvaluationOptions options)
    {
        if (options.Count < 1 || options.SearchEffort < 0 || options.ExactQueries < 0 || options.MaxThreads < 0)
        {
            throw new ArgumentException(
                $"{nameof(options.Count)} is {options.Count}, {nameof(options.SearchEffort)} is {options.SearchEffort}, "
                    + $"{nameof(options.ExactQueries)} is {options.ExactQueries} and {nameof(options.MaxThreads)} is {options.MaxThreads}; "
                    + "expected at least 1, 0, 0 and 0.",
                nameof(options));
        }
    }

    private static void RequireLabel(ProductCatalog products, string what, CatalogEvaluationOptions options)
    {
        if (!products.Any(product => product.GetLabel(options.Label) is not null))
        {
            string labels = string.Join(", ", products.LabelNames.DefaultIfEmpty("none"));
            throw new ArgumentException($"No {what} has the label '{options.Label}'; the labels are {labels}.", nameof(options));
        }
    }

    private static async Task<(List<EmbeddedQuery> Queries, ImmutableArray<ImageFailure> Failures)> EmbedAsync(
        ImageEmbedder embedder, ProductCatalog queries, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        // The embeddings are in the order of the images, so the products are enumerated in parallel with them.
        using IEnumerator<Product> owners = queries.SelectMany(product => product.Images, (product, _) => product).GetEnumerator();
        int total = queries.Sum(product => product.Images.Length);
        var embedded = new List<EmbeddedQuery>(total);
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        await foreach (ImageEmbedding embedding in embedder
            .EmbedManyAsync(queries.SelectMany(product => product.Images), cancellationToken).ConfigureAwait(false))
        {
            owners.MoveNext();
            if (ImageVectors.FindFailure(owners.Current.Id, embedding) is { } failure)
            {
                failures.Add(failure);
            }
            else
            {
                embedded.Add(new EmbeddedQuery(owners.Current, embedding.Vector));
            }

            if ((embedded.Count + failures.Count) % 64 == 0)
            {
                progress?.Report(0.5 * (embedded.Count + failures.Count) / total);
            }
        }

        return (embedded, failures.ToImmutable());
    }

    /// <summary>Compares the results of the index with an exact search of its vectors.</summary>
    private static SearchQualityReport MeasureRecall(
        IVectorIndex index,
        List<EmbeddedQuery> embedded,
        CatalogEvaluationOptions options,
        int threads,
        CancellationToken cancellationToken)
    {
        var rows = new float[checked(index.Count * index.Dimensions)];
        for (int i = 0; i < index.Count; i++)
        {
            index.GetVector(i, rows.AsSpan(i * index.Dimensions, index.Dimensions));
        }

        using ExactIndex exact = ExactIndex.Build(rows, index.Dimensions, index.Metric, cancellationToken: cancellationToken);
        int queries = Math.Min(options.ExactQueries, embedded.Count);
        var recalls = new double[queries];
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads };
        Parallel.For(0, queries, parallel, i =>
        {
            ReadOnlySpan<float> query = embedded[(int)((long)i * embedded.Count / queries)].Vector.Span;
            var found = new Neighbor[Math.Min(options.Count, index.Count)];
            var truth = new Neighbor[found.Length];
            int foundCount = index.Search(query, found, new SearchOptions { SearchEffort = options.SearchEffort });
            int truthCount = exact.Search(query, truth);
            recalls[i] = SearchQuality.RecallByDistance(
                [.. found.AsSpan(0, foundCount).ToArray().Select(neighbor => neighbor.Distance)],
                [.. truth.AsSpan(0, truthCount).ToArray().Select(neighbor => neighbor.Distance)]);
        });
        return SearchQualityReport.FromRecalls(recalls);
    }
}
