using System.Text.Json;
using SimNet.Index;

namespace SimNet.Core.Tests;

/// <summary>An index that is not part of the library: compares a query with every vector and is saved as a JSON array.</summary>
internal sealed class BruteForceIndex(float[][] vectors, int dimensions, Metric metric) : IVectorIndex
{
    public int Count => vectors.Length;

    public int Dimensions => dimensions;

    public Metric Metric => metric;

    public string Kind => "brute-force";

    public RecallEstimate? EstimatedRecall { get; init; }

    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
    {
        Neighbor[] nearest = [.. SearchRange(query, float.PositiveInfinity, options).Take(results.Length)];
        nearest.CopyTo(results);
        return nearest.Length;
    }

    public Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default)
    {
        float[] values = query.ToArray();
        return
        [
            .. Enumerable.Range(0, Count).Where(id => options.Filter?.Invoke(id) ?? true)
                .Select(id => new Neighbor(id, (float)Math.Sqrt(vectors[id].Zip(values, (a, b) => (a - b) * (a - b)).Sum())))
                .Where(neighbor => neighbor.Distance <= radius)
                .OrderBy(neighbor => neighbor.Distance).ThenBy(neighbor => neighbor.Id),
        ];
    }

    public Neighbor[][] SearchBatch(
        ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public void GetVector(int id, Span<float> destination) => vectors[id].CopyTo(destination);

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(vectors));

    public void Dispose()
    {
    }
}
