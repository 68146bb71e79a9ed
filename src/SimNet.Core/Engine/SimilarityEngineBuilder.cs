using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>Says step by step what a <see cref="SimilarityEngine"/> is made of, then builds it. Not thread-safe.</summary>
/// <remarks>Products are all it needs: without <c>UseModel</c> it embeds with the model that comes with the library, <see cref="ImageEmbedder.Default"/>'s.</remarks>
public sealed class SimilarityEngineBuilder
{
    private readonly List<Product> _products = [];
    private Func<ImageEmbedderOptions, ImageEmbedder>? _createEmbedder;
    private ImageEmbedderOptions _embedderOptions = new();
    private IndexKind _indexKind = IndexKind.Auto;
    private RandomProjectionForestOptions _forestOptions = new();
    private NeighborGraphOptions _graphOptions = new();
    private Metric? _metric;
    private ILoggerFactory? _loggerFactory;

    internal SimilarityEngineBuilder()
    {
    }

    /// <summary>Embeds with the model in this file; with the model that comes with the library otherwise.</summary>
    /// <param name="path">A model file; read by <see cref="BuildAsync"/>.</param>
    public SimilarityEngineBuilder UseModel(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _createEmbedder = options => ImageEmbedder.Load(path, options);
        return this;
    }

    /// <summary>Embeds with this model; with the model that comes with the library otherwise.</summary>
    public SimilarityEngineBuilder UseModel(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _createEmbedder = options => new ImageEmbedder(model, options);
        return this;
    }

    /// <summary>Reads images and runs the network so; the defaults otherwise.</summary>
    public SimilarityEngineBuilder UseEmbedder(ImageEmbedderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _embedderOptions = options;
        return this;
    }

    /// <summary>Builds an index of this kind; <see cref="IndexKind.Auto"/> otherwise.</summary>
    public SimilarityEngineBuilder UseIndex(IndexKind kind)
    {
        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of index.");
        }

        _indexKind = kind;
        return this;
    }

    /// <summary>Builds a random-projection forest.</summary>
    public SimilarityEngineBuilder UseIndex(RandomProjectionForestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _indexKind = IndexKind.Forest;
        _forestOptions = options;
        return this;
    }

    /// <summary>Builds a graph of neighbors.</summary>
    public SimilarityEngineBuilder UseIndex(NeighborGraphOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _indexKind = IndexKind.Graph;
        _graphOptions = options;
        return this;
    }

    /// <summary>
    /// Compares vectors so. Otherwise by <see cref="Metric.Euclidean"/> distance where <c>UseModel</c> named a model, and by
    /// <see cref="Metric.Cosine"/>, which suits it best, with the model that comes with the library.
    /// </summary>
    public SimilarityEngineBuilder UseMetric(Metric metric)
    {
        if (!Enum.IsDefined(metric))
        {
            throw new ArgumentOutOfRangeException(nameof(metric), metric, "No such metric.");
        }

        _metric = metric;
        return this;
    }

    /// <summary>Logs there; nowhere otherwise.</summary>
    public SimilarityEngineBuilder UseLogging(ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _loggerFactory = loggerFactory;
        return this;
    }

    /// <summary>Adds products; call it as often as there are sources of them.</summary>
    public SimilarityEngineBuilder AddProducts(IEnumerable<Product> products)
    {
        ArgumentNullException.ThrowIfNull(products);
        _products.AddRange(products);
        return this;
    }

    /// <summary>Reads and embeds all images and builds the index. Images that cannot be read are left out and listed in <see cref="SimilarityEngine.Report"/>.</summary>
    /// <remarks>
    /// Without <c>UseModel</c> the engine has an embedder of its own for the model that comes with the library, and <see cref="Metric.Cosine"/>
    /// unless <see cref="UseMetric"/> says otherwise. A saved catalog holds its model, so it answers the same under a later version with another one.
    /// </remarks>
    /// <param name="progress">Told as images are done.</param>
    /// <param name="cancellationToken">Cancels the build; nothing is left behind.</param>
    /// <exception cref="InvalidOperationException">The vectors are more than 2^31 values.</exception>
    /// <exception cref="ArgumentException">Two products have one id, a product has no image, or the model carries no preprocessing.</exception>
    /// <exception cref="ModelFormatException">The model file is none, or is damaged.</exception>
    public async Task<SimilarityEngine> BuildAsync(IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var given = new ProductCatalog(_products);
        ILogger logger = _loggerFactory?.CreateLogger<SimilarityEngine>() ?? (ILogger)NullLogger.Instance;
        ImageEmbedder embedder = _createEmbedder is null ? ImageEmbedder.CreateDefault(_embedderOptions) : _createEmbedder(_embedderOptions);
        Metric metric = _metric ?? (_createEmbedder is null ? Metric.Cosine : Metric.Euclidean);
        try
        {
            var clock = Stopwatch.StartNew();
            (ProductCatalog products, float[] vectors, ImmutableArray<ImageFailure> failures) =
                await EmbedAsync(given, embedder, logger, progress, cancellationToken).ConfigureAwait(false);
            TimeSpan embeddingTime = clock.Elapsed;

            clock.Restart();
            var rows = new ProductRows(products);
            progress?.Report(new BuildProgress(BuildStage.Indexing, 0, rows.Count));
            IVectorIndex index = await Task.Run(() => BuildIndex(vectors, embedder.Dimensions, metric, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
            progress?.Report(new BuildProgress(BuildStage.Indexing, rows.Count, rows.Count));
            var report = new BuildReport(products.Count, rows.Count, failures, embeddingTime, clock.Elapsed);
            Log.Built(logger, products.Count, rows.Count, failures.Length, embedder.Dimensions, index.Kind, embeddingTime.TotalSeconds, clock.Elapsed.TotalSeconds);
            return new SimilarityEngine(products, embedder, index, logger, report);
        }
        catch
        {
            embedder.Dispose();
            throw;
        }
    }

    private static async Task<(ProductCatalog Products, float[] Vectors, ImmutableArray<ImageFailure> Failures)> EmbedAsync(
        ProductCatalog given, ImageEmbedder embedder, ILogger logger, IProgress<BuildProgress>? progress, CancellationToken cancellationToken)
    {
        int total = given.Sum(product => product.Images.Length);
        long length = (long)total * embedder.Dimensions;
        if (length > Array.MaxLength)
        {
            throw new InvalidOperationException($"{total} images of {embedder.Dimensions} dimensions are {length} values; one engine holds at most {Array.MaxLength}.");
        }

        var vectors = new float[length];
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        var kept = new List<Product>(given.Count);
        int product = 0, image = 0, done = 0, rows = 0;
        ImmutableArray<ImageSource>.Builder readable = ImmutableArray.CreateBuilder<ImageSource>();
        progress?.Report(new BuildProgress(BuildStage.Embedding, 0, total));
        await foreach (ImageEmbedding embedding in embedder.EmbedManyAsync(given.SelectMany(p => p.Images), cancellationToken).ConfigureAwait(false))
        {
            Product current = given[product];
            if (embedding.Succeeded)
            {
                embedding.Vector.Span.CopyTo(vectors.AsSpan(rows++ * embedder.Dimensions));
                readable.Add(embedding.Source);
            }
            else
            {
                failures.Add(new ImageFailure(current.Id, embedding.Source.Name, embedding.Error.Message));
                Log.ImageLeftOut(logger, current.Id, embedding.Error.Message);
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
        return (new ProductCatalog(kept), vectors, failures.ToImmutable());
    }

    private IVectorIndex BuildIndex(float[] vectors, int dimensions, Metric metric, IProgress<BuildProgress>? progress, CancellationToken cancellationToken)
    {
        int count = vectors.Length / dimensions;
        IProgress<double>? share = progress is null ? null
            : new ForwardedProgress<double>(value => progress.Report(new BuildProgress(BuildStage.Indexing, (int)(value * count), count)));
        return _indexKind switch
        {
            IndexKind.Exact => ExactIndex.Build(vectors, dimensions, metric, cancellationToken: cancellationToken),
            IndexKind.Forest => RandomProjectionForest.Build(vectors, dimensions, metric, _forestOptions, share, cancellationToken),
            IndexKind.Graph => NeighborGraph.Build(vectors, dimensions, metric, _graphOptions, share, cancellationToken),
            _ => VectorIndex.Build(vectors, dimensions, metric, _graphOptions, share, cancellationToken),
        };
    }
}
