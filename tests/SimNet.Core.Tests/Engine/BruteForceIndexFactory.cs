using System.Text.Json;
using SimNet.Index;

namespace SimNet.Core.Tests;

/// <summary>Builds and opens a <see cref="BruteForceIndex"/>.</summary>
internal sealed class BruteForceIndexFactory(string name = "brute-force") : IVectorIndexFactory
{
    public string Name => name;

    /// <summary>The number of vectors at the end to leave out of the index, as a broken factory may do.</summary>
    public int LeftOut { get; init; }

    /// <summary>The recall that built indexes state.</summary>
    public RecallEstimate? EstimatedRecall { get; init; }

    public IVectorIndex Build(
        ReadOnlySpan<float> vectors,
        int dimensions,
        Metric metric,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        progress?.Report(1);
        return new BruteForceIndex([.. vectors.ToArray().Chunk(dimensions).SkipLast(LeftOut)], dimensions, metric)
        {
            EstimatedRecall = EstimatedRecall,
        };
    }

    public IVectorIndex Open(string path, IndexOpenOptions? options = null)
    {
        float[][] vectors = JsonSerializer.Deserialize<float[][]>(File.ReadAllText(path))!;
        return new BruteForceIndex(vectors, vectors[0].Length, Metric.Euclidean);
    }
}
