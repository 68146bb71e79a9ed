using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SimNet.Embeddings;
using SimNet.Index;

namespace SimNet.Core;

/// <summary>
/// Finds products that look like a given image or product: a catalog, an embedder, and an index of the embedding vectors of all images.
/// </summary>
/// <remarks>
/// An engine is immutable and thread-safe: any number of threads may query and save it at the same time. It owns its embedder and its
/// index. It must not be disposed while queries are running.
/// </remarks>
public sealed class SimilarityEngine : IAsyncDisposable, IDisposable
{
    private readonly IVectorIndex _index;
    private readonly ILogger _logger;
    private readonly ProductRows _rows;

    internal SimilarityEngine(
        ProductCatalog products, ImageEmbedder embedder, IVectorIndex index, string? indexType, ILogger logger, BuildReport report)
    {
        Products = products;
        Embedder = embedder;
        Report = report;
        _index = index;
        IndexType = indexType;
        _logger = logger;
        _rows = new ProductRows(products);
    }

    /// <summary>The products that can be recommended.</summary>
    public ProductCatalog Products { get; }

    /// <summary>The embedder that computes the vectors of this engine. The engine disposes it.</summary>
    public ImageEmbedder Embedder { get; }

    /// <summary>
    /// The index of the vectors of all images. The IDs are consecutive, in the order of the products and of the images of each product. The
    /// engine disposes it.
    /// </summary>
    public IVectorIndex Index => _index;

    /// <summary>
    /// The result of the build. For an opened catalog, it contains only the numbers of products and images, and the estimated recall, which
    /// is stored with the index.
    /// </summary>
    public BuildReport Report { get; }

    /// <summary>The name of the factory that opens the index; <see langword="null"/> for an index type of this library.</summary>
    internal string? IndexType { get; }

    /// <summary>Creates a builder for a new engine.</summary>
    /// <returns>The builder.</returns>
    public static SimilarityEngineBuilder CreateBuilder() => new();

    /// <summary>Opens a catalog written by <see cref="SaveAsync"/>. The index is mapped into memory.</summary>
    /// <param name="path">The folder of the catalog.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <returns>The engine.</returns>
    /// <exception cref="CatalogFormatException">
    /// The folder does not contain a catalog, a part of the catalog is damaged, its parts do not belong together, or its index needs a
    /// factory that is not in <see cref="EngineOptions.IndexFactories"/>.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static SimilarityEngine Open(string path, EngineOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new EngineOptions();
        ILogger logger = options.LoggerFactory?.CreateLogger<SimilarityEngine>() ?? (ILogger)NullLogger.Instance;
        SimilarityEngine engine = SavedCatalog.Open(path, options, logger);
        Log.Opened(logger, path, engine.Products.Count, engine.Index.Count, engine.Index.Kind);
        return engine;
    }

    /// <summary>Opens a catalog written by <see cref="SaveAsync"/> on a thread pool thread.</summary>
    /// <param name="path">The folder of the catalog.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the work before it starts. Once started, it completes.</param>
    /// <returns>The engine.</returns>
    /// <exception cref="CatalogFormatException">
    /// The folder does not contain a catalog, a part of the catalog is damaged, its parts do not belong together, or its index needs a
    /// factory that is not in <see cref="EngineOptions.IndexFactories"/>.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public static Task<SimilarityEngine> OpenAsync(
        string path, EngineOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Open(path, options), cancellationToken);

    /// <summary>Finds the products that look most like an image, nearest first.</summary>
    /// <param name="image">The image. A file path converts implicitly.</param>
    /// <param name="count">The largest number of products to return; 5 by default, at least 1.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>At most <paramref name="count"/> different products; fewer if the catalog has fewer.</returns>
    /// <exception cref="ImageFormatException">The image cannot be decoded.</exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    /// <exception cref="NotFiniteNumberException">The network computes infinity or NaN for this image.</exception>
    /// <exception cref="ArgumentException">The number of products is less than 1.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public Task<IReadOnlyList<Recommendation>> FindSimilarAsync(
        ImageSource image, int count = 5, CancellationToken cancellationToken = default) =>
        FindSimilarAsync(image, new QueryOptions { Count = count }, cancellationToken);

    /// <summary>Finds the products that look most like an image, nearest first.</summary>
    /// <param name="image">The image. A file path converts implicitly.</param>
    /// <param name="options">How many products to return, and which.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>
    /// At most <see cref="QueryOptions.Count"/> different products; fewer if the catalog has fewer that the filter accepts.
    /// </returns>
    /// <exception cref="ImageFormatException">The image cannot be decoded.</exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    /// <exception cref="NotFiniteNumberException">The network computes infinity or NaN for this image.</exception>
    /// <exception cref="ArgumentException">The number of products is less than 1.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public async Task<IReadOnlyList<Recommendation>> FindSimilarAsync(
        ImageSource image, QueryOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        float[] vector = await Embedder.EmbedAsync(image, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return FindSimilar(vector, options);
    }

    /// <summary>Finds the products that look most like a product of the catalog, nearest first, without the product itself.</summary>
    /// <param name="productId">The ID of the product.</param>
    /// <param name="count">The largest number of products to return; 5 by default, at least 1.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>At most <paramref name="count"/> different products; fewer if the catalog has fewer.</returns>
    /// <exception cref="KeyNotFoundException">No product of the catalog has this ID.</exception>
    /// <exception cref="ArgumentException">The number of products is less than 1.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public Task<IReadOnlyList<Recommendation>> FindSimilarToProductAsync(
        string productId, int count = 5, CancellationToken cancellationToken = default) =>
        FindSimilarToProductAsync(productId, new QueryOptions { Count = count }, cancellationToken);

    /// <summary>
    /// Finds the products that look most like a product of the catalog, nearest first, without the product itself. If products have several
    /// images, the smallest distance between an image of one and an image of the other is used.
    /// </summary>
    /// <param name="productId">The ID of the product.</param>
    /// <param name="options">How many products to return, and which.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>
    /// At most <see cref="QueryOptions.Count"/> different products; fewer if the catalog has fewer that the filter accepts.
    /// </returns>
    /// <exception cref="KeyNotFoundException">No product of the catalog has this ID.</exception>
    /// <exception cref="ArgumentException">The number of products is less than 1.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public Task<IReadOnlyList<Recommendation>> FindSimilarToProductAsync(
        string productId, QueryOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(productId);
        ArgumentNullException.ThrowIfNull(options);
        int product = Products.IndexOf(productId);
        if (product < 0)
        {
            throw new KeyNotFoundException($"No product of the catalog has the ID '{productId}'.");
        }

        return Task.Run(() =>
        {
            (int start, int end) = _rows.RowsOf(product);
            var best = new Dictionary<int, Neighbor>();
            var vector = new float[_index.Dimensions];
            for (int row = start; row < end; row++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _index.GetVector(row, vector);
                Search(vector, options, product, best);
            }

            return Rank(best, options.Count);
        }, cancellationToken);
    }

    /// <summary>Finds the products with the embedding vectors nearest to a given vector, nearest first.</summary>
    /// <param name="vector">A vector computed by <see cref="Embedder"/>; finite components, as many as the embedder has dimensions.</param>
    /// <param name="options">How many products to return, and which; <see langword="null"/> for the defaults.</param>
    /// <returns>
    /// At most <see cref="QueryOptions.Count"/> different products; fewer if the catalog has fewer that the filter accepts.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The vector has the wrong length, a component is not finite, or the number of products is less than 1.
    /// </exception>
    public IReadOnlyList<Recommendation> FindSimilar(ReadOnlySpan<float> vector, QueryOptions? options = null)
    {
        options ??= new QueryOptions();
        var best = new Dictionary<int, Neighbor>();
        Search(vector, options, excludedProduct: -1, best);
        return Rank(best, options.Count);
    }

    /// <summary>
    /// Saves the model, the index and the products to a folder, from which <see cref="OpenAsync"/> opens an equal engine. A catalog that is
    /// already in the folder is replaced atomically: at any time, the folder contains either the old catalog or the new one.
    /// </summary>
    /// <remarks>
    /// Images are not saved: of an image file, the catalog stores the absolute path; of any other image, only its name. Concurrent saves to
    /// the same folder, by any number of threads and processes, wait for one another.
    /// </remarks>
    /// <param name="path">The folder of the catalog; created if it does not exist.</param>
    /// <param name="cancellationToken">Cancels the work between files and keeps the old catalog.</param>
    /// <returns>A task that completes when the catalog is saved.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Task.Run(() =>
        {
            SavedCatalog.Save(this, path, cancellationToken);
            Log.Saved(_logger, path, Products.Count, _index.Count);
        }, cancellationToken);
    }

    /// <summary>Disposes the embedder and the index.</summary>
    public void Dispose()
    {
        Embedder.Dispose();
        _index.Dispose();
    }

    /// <summary>Disposes the embedder and the index.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Adds the nearest row of each product found to <paramref name="best"/>.</summary>
    private void Search(ReadOnlySpan<float> vector, QueryOptions options, int excludedProduct, Dictionary<int, Neighbor> best)
    {
        if (options.Count < 1)
        {
            throw new ArgumentException($"Count is {options.Count}; expected at least 1.", nameof(options));
        }

        using var timing = Telemetry.StartQuery();
        Func<int, bool>? filter = options.Filter is { } accepts
            ? row => _rows.ProductOf(row) != excludedProduct && accepts(Products[_rows.ProductOf(row)])
            : excludedProduct >= 0 ? row => _rows.ProductOf(row) != excludedProduct
            : null;
        var searchOptions = new SearchOptions { Filter = filter, SearchEffort = options.SearchEffort };

        // Several of the nearest rows may belong to one product: search for more rows until there are enough products.
        int wanted = Math.Min(options.Count, Products.Count);
        for (long rows = wanted; ; rows *= 2)
        {
            var neighbors = new Neighbor[Math.Min(rows, _index.Count)];
            int found = _index.Search(vector, neighbors, searchOptions);
            var nearest = new Dictionary<int, Neighbor>(wanted);
            foreach (Neighbor neighbor in neighbors.AsSpan(0, found))
            {
                nearest.TryAdd(_rows.ProductOf(neighbor.Id), neighbor);
            }

            if (nearest.Count < wanted && found == neighbors.Length && found < _index.Count)
            {
                continue;
            }

            foreach ((int product, Neighbor neighbor) in nearest)
            {
                if (!best.TryGetValue(product, out Neighbor known) || neighbor.Distance < known.Distance)
                {
                    best[product] = neighbor;
                }
            }

            return;
        }
    }

    private IReadOnlyList<Recommendation> Rank(Dictionary<int, Neighbor> best, int count) =>
        [.. best.OrderBy(pair => pair.Value.Distance).ThenBy(pair => pair.Value.Id).Take(count).Select(pair =>
        {
            Product product = Products[pair.Key];
            return new Recommendation(product, pair.Value.Distance, product.Images[_rows.ImageOf(pair.Value.Id)]);
        })];
}
