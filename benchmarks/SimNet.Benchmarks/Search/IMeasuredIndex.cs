using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>What a search measurement needs of an index. Searches may run on several threads at once.</summary>
internal interface IMeasuredIndex : IDisposable
{
    /// <summary>Fills the nearest rows found, nearest first, and says how many.</summary>
    int Search(ReadOnlySpan<float> query, Span<Neighbor> results, int effort);

    /// <summary>What the index takes as a file, vectors included; null where it cannot be saved.</summary>
    long? FileBytes();
}
