using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SimNet.Embeddings;
using SimNet.Index;

namespace SimNet.Core;

/// <summary>
/// Answers "which products look like this one?" over a catalog: an embedder, an index over the images' vectors, and the products.
/// </summary>
/// <remarks>
/// Thread-safe: an engine never changes once it is built or opened, and any number of threads may query, and save, it at once.
/// It owns its embedder and index; disposing it while queries run is the caller's error.
/// </remarks>
public sealed class SimilarityEngine : IAsyncDisposable, IDisposable
{
    private readonly IVectorIndex _index;
    private readonly ILogger _logger;
    private readonly ProductRows _rows;

    internal SimilarityEngine(ProductCatalog products, ImageEmbedder embedder, IVectorIndex index, ILogger logger, BuildReport report)
    {
        Products = products;
        Embedder = embedder;
        Report = report;
        _index = index;
        _logger = logger;
        _rows = new ProductRows(products);
    }

    /// <summary>The products that can be recommended.</summary>
    public ProductCatalog Products { get; }

    /// <summary>Turns images into this catalog's vectors. The engine disposes it.</summary>
    public ImageEmbedder Embedder { get; }

    /// <summary>The index over the images' vectors; its row numbers follow the products and their images in order. The engine disposes it.</summary>
    public IVectorIndex Index => _index;

    /// <summary>What the build did; for an opened catalog, its counts.</summary>
    public BuildReport Report { get; }

    /// <summary>Starts to say what an engine is made of.</summary>
    public static SimilarityEngineBuilder CreateBuilder() => new();

    /// <summary>Opens a catalog that <see cref="SaveAsync"/> wrote. The index is mapped, not read.</summary>
    /// <param name="path">The catalog's folder.</param>
    /// <param name="options">How to open it; the defaults when null.</param>
    /// <exception cref="CatalogFormatException">There is no catalog, a part of it is damaged, or its parts do not belong together.</exception>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static SimilarityEngine Open(string path, EngineOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new EngineOptions();
        ILogger logger = options.LoggerFactory?.CreateLogger<SimilarityEngine>() ?? (ILogger)NullLogger.Instance;
        SimilarityEngine engine = SavedCatalog.Open(path, options, logger);
        Log.Opened(logger, path, engine.Products.Count, engine.Index.Count, engine.Index.Kind);
        return engine;
    }

    /// <summary>Opens a catalog that <see cref="SaveAsync"/> wrote, off the calling thread.</summary>
    /// <inheritdoc cref="Open"/>
    /// <param name="path">The catalog's folder.</param>
    /// <param name="options">How to open it; the defaults when null.</param>
    /// <param name="cancellationToken">Cancels before the start; once begun, opening runs to its end.</param>
    public static Task<SimilarityEngine> OpenAsync(string path, EngineOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Open(path, options), cancellationToken);

    /// <summary>The products that look most like an image, most alike first.</summary>
    /// <param name="image">The image; a path converts to it.</param>
    /// <param name="count">The most products to return; at least 1.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>At most <paramref name="count"/> products, each once; fewer when the catalog holds fewer.</returns>
    /// <exception cref="ImageFormatException">The image could not be decoded.</exception>
    /// <exception cref="IOException">The image could not be read.</exception>
    public Task<IReadOnlyList<Recommendation>> FindSimilarAsync(ImageSource image, int count = 5, CancellationToken cancellationToken = default) =>
        FindSimilarAsync(image, new QueryOptions { Count = count }, cancellationToken);

    /// <summary>The products that look most like an image, most alike first.</summary>
    /// <param name="image">The image; a path converts to it.</param>
    /// <param name="options">How many, and which, products.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>At most <see cref="QueryOptions.Count"/> products, each once; fewer when the catalog or the filter holds fewer.</returns>
    /// <exception cref="ImageFormatException">The image could not be decoded.</exception>
    /// <exception cref="IOException">The image could not be read.</exception>
    public async Task<IReadOnlyList<Recommendation>> FindSimilarAsync(ImageSource image, QueryOptions options, CancellationToken cancellationToken = default)
    {
        float[] vector = await Embedder.EmbedAsync(image, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return FindSimilar(vector, options);
    }

    /// <summary>The products that look most like one of the catalog, most alike first; never the product itself.</summary>
    /// <param name="productId">The product's id.</param>
    /// <param name="count">The most products to return; at least 1.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>At most <paramref name="count"/> products, each once; fewer when the catalog holds fewer.</returns>
    /// <exception cref="KeyNotFoundException">No product of the catalog has that id.</exception>
    public Task<IReadOnlyList<Recommendation>> FindSimilarToProductAsync(string productId, int count = 5, CancellationToken cancellationToken = default) =>
        FindSimilarToProductAsync(productId, new QueryOptions { Count = count }, cancellationToken);

    /// <summary>The products that look most like one of the catalog, most alike first; never the product itself. Of several images the nearest counts.</summary>
    /// <param name="productId">The product's id.</param>
    /// <param name="options">How many, and which, products.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>At most <see cref="QueryOptions.Count"/> products, each once; fewer when the catalog or the filter holds fewer.</returns>
    /// <exception cref="KeyNotFoundException">No product of the catalog has that id.</exception>
    public Task<IReadOnlyList<Recommendation>> FindSimilarToProductAsync(string productId, QueryOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(productId);
        ArgumentNullException.ThrowIfNull(options);
        int product = Products.IndexOf(productId);
        if (product < 0)
        {
            throw new KeyNotFoundException($"No product of the catalog has the id '{productId}'.");
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

    /// <summary>The products whose images' vectors are nearest to a vector of this engine's <see cref="Embedder"/>.</summary>
    /// <param name="vector">As many values as the embedder has dimensions, all finite.</param>
    /// <param name="options">How many, and which, products; the defaults when null.</param>
    /// <returns>At most <see cref="QueryOptions.Count"/> products, each once; fewer when the catalog or the filter holds fewer.</returns>
    /// <exception cref="ArgumentException">The vector has another length or values that are not finite.</exception>
    public IReadOnlyList<Recommendation> FindSimilar(ReadOnlySpan<float> vector, QueryOptions? options = null)
    {
        options ??= new QueryOptions();
        var best = new Dictionary<int, Neighbor>();
        Search(vector, options, excludedProduct: -1, best);
        return Rank(best, options.Count);
    }

    /// <summary>
    /// Writes everything into one folder, so that <see cref="OpenAsync"/> gives an equal engine. New files are written beside the old
    /// ones and take their place in one step at the end: whatever happens in between, the folder holds the old catalog or the new one.
    /// </summary>
    /// <remarks>Of an image that is a file the absolute path is kept, of any other image its name alone. Saves to one folder, by any number of threads and processes, wait for one another.</remarks>
    /// <param name="path">The catalog's folder; made where it does not exist.</param>
    /// <param name="cancellationToken">Cancels between files; the old catalog stays.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    public Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Task.Run(() =>
        {
            SavedCatalog.Save(this, path, cancellationToken);
            Log.Saved(_logger, path, Products.Count, _index.Count);
        }, cancellationToken);
    }

    /// <summary>Frees the embedder and the index.</summary>
    public void Dispose()
    {
        Embedder.Dispose();
        _index.Dispose();
    }

    /// <summary>Frees the embedder and the index.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Puts each found product's nearest row into <paramref name="best"/>.</summary>
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

        // Several of the nearest rows may be one product's: ask for more until enough products, or all rows, have come.
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
