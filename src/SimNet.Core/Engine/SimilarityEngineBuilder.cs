using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>Configures and builds a <see cref="SimilarityEngine"/>. Not thread-safe.</summary>
/// <remarks>
/// Only products are required. By default, the engine uses the model included in the library (that of <see cref="ImageEmbedder.Default"/>).
/// </remarks>
public sealed class SimilarityEngineBuilder
{
    private readonly List<Product> _products = [];
    private Func<ImageEmbedderOptions, ImageEmbedder>? _createEmbedder;
    private ImageEmbedderOptions _embedderOptions = new();
    private IVectorIndexFactory _indexFactory = new BuiltInIndexFactory(IndexKind.Auto);
    private Metric? _metric;
    private ILoggerFactory? _loggerFactory;

    internal SimilarityEngineBuilder()
    {
    }

    /// <summary>Uses the model in a file instead of the model included in the library.</summary>
    /// <param name="path">The model file, which <see cref="BuildAsync"/> reads.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public SimilarityEngineBuilder UseModel(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _createEmbedder = options => ImageEmbedder.Load(path, options);
        return this;
    }

    /// <summary>Uses a given model instead of the model included in the library.</summary>
    /// <param name="model">The model, with its preprocessing in its metadata.</param>
    /// <returns>This builder.</returns>
    public SimilarityEngineBuilder UseModel(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _createEmbedder = options => new ImageEmbedder(model, options);
        return this;
    }

    /// <summary>Sets how images are read and which back end runs the network.</summary>
    /// <param name="options">The options.</param>
    /// <returns>This builder.</returns>
    public SimilarityEngineBuilder UseEmbedder(ImageEmbedderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _embedderOptions = options;
        return this;
    }

    /// <summary>
    /// Builds an index of a given kind with a wanted recall; <see cref="IndexKind.Auto"/> with 0.95 if no index is chosen.
    /// </summary>
    /// <param name="kind">The kind of index.</param>
    /// <param name="targetRecall">
    /// The share of the ten nearest images that a search with the default effort is to find; above 0, at most 1; 0.95 by default. The build
    /// measures it, and raises the default effort until it is reached, or makes searches exact. <see cref="BuildReport.EstimatedRecall"/>
    /// reports the outcome.
    /// </param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The kind is not defined, or the target recall is out of range.</exception>
    public SimilarityEngineBuilder UseIndex(IndexKind kind, double targetRecall = BuiltInIndexFactory.DefaultTargetRecall)
    {
        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected a defined kind of index.");
        }

        if (!(targetRecall is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(targetRecall), targetRecall, "Expected a recall above 0, at most 1.");
        }

        _indexFactory = new BuiltInIndexFactory(kind, targetRecall);
        return this;
    }

    /// <summary>Builds a <see cref="RandomProjectionForest"/> with given options.</summary>
    /// <param name="options">
    /// The options of the forest. Without a <see cref="RandomProjectionForestOptions.TargetRecall"/>, a recall of less than 0.95 is logged
    /// as a warning.
    /// </param>
    /// <returns>This builder.</returns>
    public SimilarityEngineBuilder UseIndex(RandomProjectionForestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _indexFactory = new BuiltInIndexFactory(
            IndexKind.Forest, options.TargetRecall ?? BuiltInIndexFactory.DefaultTargetRecall, ForestOptions: options);
        return this;
    }

    /// <summary>Builds a <see cref="NeighborGraph"/> with given options.</summary>
    /// <param name="options">The options of the graph.</param>
    /// <returns>This builder.</returns>
    public SimilarityEngineBuilder UseIndex(NeighborGraphOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _indexFactory = new BuiltInIndexFactory(
            IndexKind.Graph, options.TargetRecall ?? BuiltInIndexFactory.DefaultTargetRecall, GraphOptions: options);
        return this;
    }

    /// <summary>Builds an index that is not part of this library.</summary>
    /// <param name="factory">
    /// The factory that builds the index. To open a saved catalog, add it to <see cref="EngineOptions.IndexFactories"/>.
    /// </param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name of the factory is empty.</exception>
    public SimilarityEngineBuilder UseIndex(IVectorIndexFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (string.IsNullOrWhiteSpace(factory.Name))
        {
            throw new ArgumentException($"The name of {factory.GetType()} is empty; expected the name of an index type.", nameof(factory));
        }

        _indexFactory = factory;
        return this;
    }

    /// <summary>
    /// Sets the metric of the index. The default is <see cref="Metric.Cosine"/> for the model included in the library, with which it works
    /// best, and <see cref="Metric.Euclidean"/> for any other model.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The metric is not defined.</exception>
    public SimilarityEngineBuilder UseMetric(Metric metric)
    {
        if (!Enum.IsDefined(metric))
        {
            throw new ArgumentOutOfRangeException(nameof(metric), metric, "Expected a defined metric.");
        }

        _metric = metric;
        return this;
    }

    /// <summary>Enables logging.</summary>
    /// <param name="loggerFactory">The logger factory.</param>
    /// <returns>This builder.</returns>
    public SimilarityEngineBuilder UseLogging(ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _loggerFactory = loggerFactory;
        return this;
    }

    /// <summary>Adds products. Each call adds to the products of earlier calls.</summary>
    /// <param name="products">The products.</param>
    /// <returns>This builder.</returns>
    public SimilarityEngineBuilder AddProducts(IEnumerable<Product> products)
    {
        ArgumentNullException.ThrowIfNull(products);
        _products.AddRange(products);
        return this;
    }

    /// <summary>
    /// Embeds all images and builds the index. Images that cannot be read, or whose vectors are not finite, are skipped and listed in
    /// <see cref="SimilarityEngine.Report"/>.
    /// </summary>
    /// <remarks>
    /// A saved catalog contains its model, so it gives the same results under a later version of the library with another default model.
    /// </remarks>
    /// <param name="progress">Receives the progress; <see langword="null"/> for no progress reports.</param>
    /// <param name="cancellationToken">Cancels the build.</param>
    /// <returns>The engine. The caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">
    /// The vectors have more components in total than one array can hold, or an index factory returned an index of other vectors.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// Two products have the same ID, a product has no image, or the metadata of the model contains no preprocessing.
    /// </exception>
    /// <exception cref="ModelFormatException">The model file is damaged or has an unknown format.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public async Task<SimilarityEngine> BuildAsync(
        IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var given = new ProductCatalog(_products);
        ILogger logger = _loggerFactory?.CreateLogger<SimilarityEngine>() ?? (ILogger)NullLogger.Instance;
        ImageEmbedder embedder =
            _createEmbedder is null ? ImageEmbedder.CreateDefault(_embedderOptions) : _createEmbedder(_embedderOptions);
        Metric metric = _metric ?? (_createEmbedder is null ? Metric.Cosine : Metric.Euclidean);
        try
        {
            var clock = Stopwatch.StartNew();
            (ProductCatalog products, float[] vectors, ImmutableArray<ImageFailure> failures, ImmutableArray<BlemishedImage> blemished) =
                await EmbedAsync(given, embedder, logger, progress, cancellationToken).ConfigureAwait(false);
            TimeSpan embeddingTime = clock.Elapsed;

            clock.Restart();
            var rows = new ProductRows(products);
            progress?.Report(new BuildProgress(BuildStage.Indexing, 0, rows.Count));
            IVectorIndex index = await Task.Run(
                () => BuildIndex(vectors, embedder.Dimensions, metric, progress, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            progress?.Report(new BuildProgress(BuildStage.Indexing, rows.Count, rows.Count));
            TimeSpan indexingTime = clock.Elapsed;
            var report = new BuildReport(
                products.Count, rows.Count, failures, blemished, embeddingTime, indexingTime, index.EstimatedRecall);
            Log.Built(
                logger,
                products.Count,
                rows.Count,
                failures.Length,
                embedder.Dimensions,
                index.Kind,
                embeddingTime.TotalSeconds,
                indexingTime.TotalSeconds);
            LogRecall(logger, index);
            string? indexType = _indexFactory is BuiltInIndexFactory ? null : _indexFactory.Name;
            return new SimilarityEngine(products, embedder, index, indexType, logger, report);
        }
        catch
        {
            embedder.Dispose();
            throw;
        }
    }

    private static async
        Task<(ProductCatalog Products, float[] Vectors, ImmutableArray<ImageFailure> Failures, ImmutableArray<BlemishedImage> Blemished)>
        EmbedAsync(
            ProductCatalog given,
            ImageEmbedder embedder,
            ILogger logger,
            IProgress<BuildProgress>? progress,
            CancellationToken cancellationToken)
    {
        int total = given.Sum(product => product.Images.Length);
        long length = (long)total * embedder.Dimensions;
        if (length > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"{total} vectors of {embedder.Dimensions} dimensions have {length} components; the limit is {Array.MaxLength}.");
        }

        var vectors = new float[length];
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        var blemished = ImmutableArray.CreateBuilder<BlemishedImage>();
        var kept = new List<Product>(given.Count);
        int product = 0, image = 0, done = 0, rows = 0;
        ImmutableArray<ImageSource>.Builder readable = ImmutableArray.CreateBuilder<ImageSource>();
        progress?.Report(new BuildProgress(BuildStage.Embedding, 0, total));
        await foreach (ImageEmbedding embedding in embedder
            .EmbedManyAsync(given.SelectMany(p => p.Images), cancellationToken).ConfigureAwait(false))
        {
            Product current = given[product];
            ImageFailure? failure = ImageVectors.FindFailure(current.Id, embedding);
            if (failure is null)
            {
                embedding.Vector.Span.CopyTo(vectors.AsSpan(rows++ * embedder.Dimensions));
                readable.Add(embedding.Source);
                if (embedding.Blemishes.Count > 0)
                {
                    blemished.Add(new BlemishedImage(current.Id, embedding.Source.Name, [.. embedding.Blemishes]));
                }
            }
            else
            {
                failures.Add(failure);
                Log.ImageSkipped(logger, current.Id, failure.Problem);
            }

            if (++image == current.Images.Length)
            {
                if (readable.Count > 0)
                {
                    kept.Add(readable.Count == current.Images.Length ? current : current with { Images = readable.ToImmutable() });
                }

                readable.Clear();
                image = 0;
                product++;
            }

            done++;
            if (done % 64 == 0 || done == total)
            {
                progress?.Report(new BuildProgress(BuildStage.Embedding, done, total));
            }
        }

        Array.Resize(ref vectors, rows * embedder.Dimensions);
        return (new ProductCatalog(kept), vectors, failures.ToImmutable(), blemished.ToImmutable());
    }

    private void LogRecall(ILogger logger, IVectorIndex index)
    {
        if (index.EstimatedRecall is not { Queries: > 0 } recall)
        {
            return;
        }

        (string kind, double lower, double upper) = (index.Kind, recall.LowerBound, recall.UpperBound);
        double target = (_indexFactory as BuiltInIndexFactory)?.TargetRecall ?? BuiltInIndexFactory.DefaultTargetRecall;
        if (BuiltInIndexFactory.IsBelow(recall, target))
        {
            Log.RecallBelowTarget(
                logger, kind, recall.Recall, recall.Neighbors, lower, upper, recall.Queries, recall.SearchEffort, target);
        }
        else
        {
            Log.RecallMeasured(logger, kind, recall.Recall, recall.Neighbors, lower, upper, recall.Queries, recall.SearchEffort);
        }
    }

    private IVectorIndex BuildIndex(
        float[] vectors, int dimensions, Metric metric, IProgress<BuildProgress>? progress, CancellationToken cancellationToken)
    {
        int count = vectors.Length / dimensions;
        IProgress<double>? share = progress is null ? null
            : new ForwardedProgress<double>(value => progress.Report(new BuildProgress(BuildStage.Indexing, (int)(value * count), count)));
        IVectorIndex index = _indexFactory.Build(vectors, dimensions, metric, share, cancellationToken);
        if ((index.Count, index.Dimensions, index.Metric) != (count, dimensions, metric))
        {
            using (index)
            {
                throw new InvalidOperationException(
                    $"The index factory '{_indexFactory.Name}' built an index of {index.Count} vectors, {index.Dimensions} dimensions, "
                        + $"{index.Metric}; expected {count} vectors, {dimensions} dimensions, {metric}.");
            }
        }

        return index;
    }
}
