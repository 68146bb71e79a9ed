using BenchmarkDotNet.Attributes;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>Builds a forest of ten trees, or a graph, over 20,000 clustered vectors of 256 dimensions; opens the forest.</summary>
public class IndexBuildBenchmarks
{
    private const int Dimensions = 256;

    private readonly string _path = Path.GetTempFileName();
    private float[] _vectors = [];

    [GlobalSetup]
    public void Setup()
    {
        _vectors = IndexBenchmarkData.Clustered(20_000, Dimensions);
        using RandomProjectionForest forest = RandomProjectionForest.Build(_vectors, Dimensions, Metric.Euclidean);
        forest.Save(_path);
    }

    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);

    [Benchmark]
    public void BuildOnOneThread() =>
        RandomProjectionForest.Build(_vectors, Dimensions, Metric.Euclidean, new() { MaxThreads = 1 }).Dispose();

    [Benchmark]
    public void BuildOnAllThreads() => RandomProjectionForest.Build(_vectors, Dimensions, Metric.Euclidean).Dispose();

    [Benchmark]
    public void BuildGraphOnAllThreads() => NeighborGraph.Build(_vectors, Dimensions, Metric.Euclidean).Dispose();

    [Benchmark]
    public void OpenAndVerify() => VectorIndex.Open(_path).Dispose();

    [Benchmark]
    public void OpenWithoutVerifyingContents() => VectorIndex.Open(_path, new IndexOpenOptions { VerifyContents = false }).Dispose();
}
