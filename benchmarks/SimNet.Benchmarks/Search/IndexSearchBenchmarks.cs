using BenchmarkDotNet.Attributes;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>One search for ten neighbors among 20,000 clustered vectors of 256 dimensions, on one thread.</summary>
[MemoryDiagnoser]
public class IndexSearchBenchmarks
{
    private const int Count = 20_000;
    private const int Dimensions = 256;
    private const int Queries = 256;

    private readonly Neighbor[] _results = new Neighbor[10];
    private float[] _queries = [];
    private ExactIndex? _exact;
    private RandomProjectionForest? _forest;
    private NeighborGraph? _graph;
    private int _next;

    [Params(Metric.Euclidean, Metric.Cosine, Metric.InnerProduct)]
    public Metric Metric { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        float[] vectors = IndexBenchmarkData.Clustered(Count + Queries, Dimensions);
        _queries = vectors[(Count * Dimensions)..];
        _exact = ExactIndex.Build(vectors.AsSpan(0, Count * Dimensions), Dimensions, Metric);
        _forest = RandomProjectionForest.Build(vectors.AsSpan(0, Count * Dimensions), Dimensions, Metric);
        _graph = NeighborGraph.Build(vectors.AsSpan(0, Count * Dimensions), Dimensions, Metric);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _exact?.Dispose();
        _forest?.Dispose();
        _graph?.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int Exact() => _exact!.Search(Query(), _results);

    [Benchmark]
    public int ForestOf10TreesWithDefaultEffort() => _forest!.Search(Query(), _results);

    [Benchmark]
    public int ForestOf10TreesWithEffort100() => _forest!.Search(Query(), _results, new SearchOptions { SearchEffort = 100 });

    [Benchmark]
    public int GraphWithDefaultEffort() => _graph!.Search(Query(), _results);

    private ReadOnlySpan<float> Query() => _queries.AsSpan(_next++ % Queries * Dimensions, Dimensions);
}
