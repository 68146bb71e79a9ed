using System.Text.Json.Serialization;

namespace SimNet.Benchmarks;

/// <summary>One index, searched at one effort, on one hard set.</summary>
/// <param name="Index">The index: graph, default (what <c>VectorIndex.Build</c> chooses), forest, or a peer.</param>
/// <param name="Search">How it was searched, as in <see cref="SearchRow"/>.</param>
/// <param name="Recall">Recall@10, by distance.</param>
/// <param name="QueriesPerSecond">The median of the passes.</param>
/// <param name="BuildSeconds">How many seconds the build took.</param>
internal sealed record HardSetSearch(
    [property: JsonPropertyName("index")] string Index,
    [property: JsonPropertyName("search")] string Search,
    [property: JsonPropertyName("recall")] double Recall,
    [property: JsonPropertyName("qps")] double QueriesPerSecond,
    [property: JsonPropertyName("build_s")] double BuildSeconds);
