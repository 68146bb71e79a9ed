using SimNet.Index;
using static SimNet.Benchmarks.RowGenerators;

namespace SimNet.Benchmarks;

/// <summary>Vectors of a kind in which approximate search loses rows more easily than in embeddings of images.</summary>
/// <param name="Name">The set's name on the command line and in the results.</param>
/// <param name="Metric">The metric to search with.</param>
/// <param name="Dimensions">The dimensions of a row.</param>
/// <param name="Generator">The distribution of the rows.</param>
/// <param name="QueriesAreRows">Whether the queries are rows of the set; otherwise they are held out, of the same distribution.</param>
internal sealed record HardSet(string Name, Metric Metric, int Dimensions, RowGenerator Generator, bool QueriesAreRows = false)
{
    /// <summary>The number of rows that a set has by default.</summary>
    public const int DefaultRows = 20_000;

    /// <summary>The number of queries that a set has by default.</summary>
    public const int DefaultQueries = 300;

    private const long StoredRowStream = 2;

    /// <summary>All sets.</summary>
    public static IReadOnlyList<HardSet> All { get; } =
    [
        // Many small groups far from each other: a graph falls into islands.
        Groups(40),
        Groups(60),
        Groups(100),

        // Heaps of near-duplicates, as of unnormalized features: differences far below the spread of all rows.
        new("heaps-20", Metric.Euclidean, 64, Heaps(20, 0.001)),
        new("heaps-100", Metric.Euclidean, 64, Heaps(100, 0.01)),
        new("outliers", Metric.Euclidean, 64, Outliers(Gaussian())),
        new("half-shrunk", Metric.Euclidean, 32, Mixture(0.5, Heaps(1, 0.001), Gaussian())),
        new("half-shrunk-center", Metric.Euclidean, 32, Mixture(0.5, Heaps(1, 0.001), Heaps(1, 1))),
        new("raw-features", Metric.Euclidean, 3, Columns(Uniform(), Uniform(), Uniform(1000))),

        // Inner product: the longest rows are the neighbors of most queries.
        new("product-log-normal", Metric.InnerProduct, 64, Gaussian().Normalize().Scale(source => Math.Exp(source.NextGaussian()))),
        new("product-relu", Metric.InnerProduct, 128, Gaussian().Map(value => Math.Max(value, 0))),
        new("product-gaussian", Metric.InnerProduct, 128, Gaussian()),
        new("product-outliers", Metric.InnerProduct, 64, Outliers(Gaussian())),
        new("product-sparse", Metric.InnerProduct, 512, Uniform().Sparse(5)),

        // Sparse and discrete values: most rows are equally far from each other.
        new("cosine-sparse", Metric.Cosine, 512, Uniform().Sparse(5)),
        new("zeros-90", Metric.Euclidean, 128, Gaussian().Sparse(13)),
        new("cosine-zeros-90", Metric.Cosine, 128, Uniform().Sparse(13)),
        new("binary", Metric.Euclidean, 128, Uniform().Map(value => value < 0.5f ? 0 : 1)),
        new("integers", Metric.Euclidean, 16, Uniform(5).Map(MathF.Floor)),

        // Dimensions from one to many.
        new("uniform-1", Metric.Euclidean, 1, Uniform()),
        new("uniform-2", Metric.Euclidean, 2, Uniform()),
        new("uniform-3", Metric.Euclidean, 3, Uniform()),
        new("gaussian-8", Metric.Euclidean, 8, Gaussian()),
        new("gaussian-32", Metric.Euclidean, 32, Gaussian()),
        new("gaussian-1024", Metric.Euclidean, 1024, Gaussian()),
        new("clusters-1024", Metric.Euclidean, 1024, Clusters(OneOf(100), Gaussian(0.3))),
        new("cosine-uniform", Metric.Cosine, 64, Uniform()),
        new("manifold", Metric.Euclidean, 256, Manifold(4)),

        // Rows in an order, and rows that repeat.
        new("sorted", Metric.Euclidean, 64, Gaussian().Sorted(20)),
        new("sorted-clusters", Metric.Euclidean, 64, Clusters(InOrder(100), Gaussian(0.2))),
        new("duplicates-10", Metric.Euclidean, 64, Gaussian().Repeat(10)),
        new("duplicates-100", Metric.Euclidean, 64, Gaussian().Repeat(100)),

        // Mixtures of the kinds.
        new("half-heaps", Metric.Euclidean, 64, Mixture(0.5, Heaps(20, 0.001), Gaussian())),
        new("few-heaps", Metric.Euclidean, 64, Mixture(0.05, Heaps(20, 0.001), Gaussian())),
        new("groups-and-outliers", Metric.Euclidean, 64, Outliers(Clusters(GroupsOf(60), Gaussian(0.3)))),
        new("power-law", Metric.Euclidean, 64, Clusters(PowerLaw(1000), Gaussian(0.1))),
    ];

    /// <summary>Generates the set.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="queries">The number of queries.</param>
    /// <param name="seed">The same seed gives the same set.</param>
    /// <returns>The rows, and the queries, likewise row by row.</returns>
    public (float[] Rows, float[] Queries) Create(int rows = DefaultRows, int queries = DefaultQueries, long seed = 0)
    {
        var vectors = new float[rows * Dimensions];
        var searched = new float[queries * Dimensions];
        Parallel.For(0, rows, row => Generator(vectors.AsSpan(row * Dimensions, Dimensions), new RowSource(seed, row, rows)));
        int[] stored = QueriesAreRows ? StoredRows(rows, queries, seed) : [];
        Parallel.For(0, queries, query =>
            Generator(
                searched.AsSpan(query * Dimensions, Dimensions),
                new RowSource(seed, QueriesAreRows ? stored[query] : rows + query, rows)));
        return (vectors, searched);
    }

    /// <summary>Different rows of a set, chosen at random; all of them where it has no more.</summary>
    public static int[] StoredRows(int rows, int count, long seed)
    {
        int[] numbers = [.. Enumerable.Range(0, rows)];
        new SeededRandom(seed, StoredRowStream).Shuffle<int>(numbers);
        return numbers[..Math.Min(count, rows)];
    }

    private static HardSet Groups(int rows) =>
        new($"groups-{rows}", Metric.Cosine, 512, Clusters(GroupsOf(rows), Gaussian(0.3)), QueriesAreRows: true);

    private static RowGenerator Heaps(int count, double standardDeviation) => Clusters(OneOf(count), Gaussian(standardDeviation));

    /// <summary>One row in a hundred is a thousand times as long.</summary>
    private static RowGenerator Outliers(RowGenerator inner) => inner.Scale(source => source.NextDouble() < 0.01 ? 1000 : 1);
}
