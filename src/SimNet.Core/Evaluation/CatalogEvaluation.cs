using System.Collections.Immutable;
using System.Diagnostics;
using SimNet.Embeddings;
using SimNet.Evaluation;
using SimNet.Index;

namespace SimNet.Core;

/// <summary>Measures an engine with products whose labels are known.</summary>
public static class CatalogEvaluation
{
    /// <summary>
    /// Lets each image of <paramref name="queries"/> ask the engine, and judges the answers: a recommendation is right when it has the
    /// query's label. A product is never recommended to itself, should it stand in the engine's catalog as well.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="queries">Products that ask.</param>
    /// <param name="options">The label and how many recommendations; the defaults when null.</param>
    /// <param name="progress">Told of the share of images embedded and searched for, from 0 to 1.</param>
    /// <param name="cancellationToken">Cancels between queries.</param>
    /// <exception cref="ArgumentException">No query, or no product of the engine, has the label.</exception>
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
        if (options.Count < 1 || options.SearchEffort < 0 || options.ExactQueries < 0 || options.MaxThreads < 0)
        {
            throw new ArgumentException(
                $"Count is {options.Count}, SearchEffort {options.SearchEffort}, ExactQueries {options.ExactQueries}, MaxThreads {options.MaxThreads}; expected at least 1, 0, 0 and 0.", nameof(options));
        }

        Dictionary<string, int> relevantByLabel = engine.Products
            .Select(product => product.GetLabel(options.Label)).OfType<string>()
            .CountBy(label => label, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        if (relevantByLabel.Count == 0 || !queries.Any(product => product.GetLabel(options.Label) is not null))
        {
            throw new ArgumentException($"No {(relevantByLabel.Count == 0 ? "product of the engine" : "query")} has the label '{options.Label}'; "
                + $"known are {string.Join(", ", (relevantByLabel.Count == 0 ? engine.Products : queries).LabelNames.DefaultIfEmpty("none"))}.", nameof(options));
        }

        var clock = Stopwatch.StartNew();
        (List<(Product Product, ReadOnlyMemory<float> Vector)> asked, ImmutableArray<ImageFailure> failures) =
            await EmbedAsync(engine.Embedder, queries, progress, cancellationToken).ConfigureAwait(false);
        TimeSpan embeddingTime = clock.Elapsed;

        clock.Restart();
        int threads = Math.Max(1, Math.Min(asked.Count, options.MaxThreads == 0 ? Environment.ProcessorCount : options.MaxThreads));
        var answers = new IReadOnlyList<Recommendation>[asked.Count];
        int done = 0;
        await Task.Run(() => Parallel.For(0, asked.Count, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads }, i =>
        {
            string id = asked[i].Product.Id;
            answers[i] = engine.FindSimilar(asked[i].Vector.Span, new QueryOptions
            {
                Count = options.Count,
                SearchEffort = options.SearchEffort,
                Filter = engine.Products.Find(id) is null ? null : product => product.Id != id,
            });
            if (progress is not null)
            {
                // One at a time, so that what is told never runs backwards.
                lock (answers)
                {
                    if (++done % 64 == 0)
                    {
                        progress.Report(0.5 + (0.5 * done / asked.Count));
                    }
                }
            }
        }), cancellationToken).ConfigureAwait(false);
        TimeSpan searchTime = clock.Elapsed;

        var evaluator = new RetrievalEvaluator(options.Count);
        for (int i = 0; i < asked.Count; i++)
        {
            string? label = asked[i].Product.GetLabel(options.Label);
            int relevant = label is null ? 0 : relevantByLabel.GetValueOrDefault(label);
            relevant -= relevant > 0 && engine.Products.Find(asked[i].Product.Id)?.GetLabel(options.Label) == label ? 1 : 0;
            evaluator.Add(label, [.. answers[i].Select(hit => hit.Product.GetLabel(options.Label))], relevant);
        }

        SearchQualityReport? recall = options.ExactQueries == 0 || asked.Count == 0 || engine.Index is ExactIndex ? null
            : await Task.Run(() => MeasureRecall(engine.Index, asked, options, threads, cancellationToken), cancellationToken).ConfigureAwait(false);
        progress?.Report(1);
        return new CatalogEvaluationReport(evaluator.Report, recall, failures, threads, embeddingTime, searchTime, asked.Count / searchTime.TotalSeconds);
    }

    private static async Task<(List<(Product Product, ReadOnlyMemory<float> Vector)> Asked, ImmutableArray<ImageFailure> Failures)> EmbedAsync(
        ImageEmbedder embedder, ProductCatalog queries, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        // Results come in the order of the images, so that the products need only be walked along.
        using IEnumerator<Product> owners = queries.SelectMany(product => product.Images, (product, _) => product).GetEnumerator();
        int total = queries.Sum(product => product.Images.Length);
        var asked = new List<(Product, ReadOnlyMemory<float>)>(total);
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        await foreach (ImageEmbedding embedding in embedder.EmbedManyAsync(queries.SelectMany(product => product.Images), cancellationToken).ConfigureAwait(false))
        {
            owners.MoveNext();
            if (embedding.Succeeded)
            {
                asked.Add((owners.Current, embedding.Vector));
            }
            else
            {
                failures.Add(new ImageFailure(owners.Current.Id, embedding.Source.Name, embedding.Error.Message));
            }

            if ((asked.Count + failures.Count) % 64 == 0)
            {
                progress?.Report(0.5 * (asked.Count + failures.Count) / total);
            }
        }

        return (asked, failures.ToImmutable());
    }

    /// <summary>The index against a scan of all of its own vectors.</summary>
    private static SearchQualityReport MeasureRecall(
        IVectorIndex index, List<(Product Product, ReadOnlyMemory<float> Vector)> asked, CatalogEvaluationOptions options, int threads, CancellationToken cancellationToken)
    {
        var rows = new float[checked(index.Count * index.Dimensions)];
        for (int i = 0; i < index.Count; i++)
        {
            index.GetVector(i, rows.AsSpan(i * index.Dimensions, index.Dimensions));
        }

        using ExactIndex exact = ExactIndex.Build(rows, index.Dimensions, index.Metric, cancellationToken: cancellationToken);
        int queries = Math.Min(options.ExactQueries, asked.Count);
        var recalls = new double[queries];
        Parallel.For(0, queries, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads }, i =>
        {
            ReadOnlySpan<float> query = asked[(int)((long)i * asked.Count / queries)].Vector.Span;
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
