using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>One of SimNet's indexes.</summary>
internal sealed class MeasuredVectorIndex(IVectorIndex index) : IMeasuredIndex
{
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, int effort) =>
        index.Search(query, results, new SearchOptions { SearchEffort = effort });

    public long? FileBytes()
    {
        string path = Path.Combine(Path.GetTempPath(), $"simnet-{Guid.NewGuid():n}.index");
        try
        {
            index.Save(path);
            return new FileInfo(path).Length;
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose() => index.Dispose();
}
