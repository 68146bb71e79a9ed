using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>An index that a search measurement can measure. Several threads may search it at once.</summary>
internal interface IMeasuredIndex : IDisposable
{
    /// <summary>Searches for the nearest rows.</summary>
    /// <param name="query">The query.</param>
    /// <param name="results">Receives the rows found, nearest first.</param>
    /// <param name="effort">How hard to search; what it counts depends on the index.</param>
    /// <returns>How many rows it found.</returns>
    int Search(ReadOnlySpan<float> query, Span<Neighbor> results, int effort);

    /// <summary>The size of the index as a file, vectors included; null if it cannot be saved.</summary>
    long? FileBytes();
}
