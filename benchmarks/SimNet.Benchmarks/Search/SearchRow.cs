using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimNet.Benchmarks;

/// <summary>One measurement: an index, built one way, searched at one effort. Printed as a JSON line, by the peers' program as well.</summary>
/// <param name="Peer">Which index; ours begin with <c>simnet-</c>.</param>
/// <param name="Build">How it was built.</param>
/// <param name="BuildSeconds">How long that took.</param>
/// <param name="Search">How it was searched.</param>
/// <param name="Recall">Recall@10, by distance.</param>
/// <param name="QueriesPerSecond">The median of the passes.</param>
/// <param name="FileBytes">What it takes as a file, vectors included; null where it cannot be saved.</param>
/// <param name="PeakMegabytes">The most memory its process had resident, the vectors it was built from included.</param>
/// <param name="MedianMicroseconds">The time of half the queries at most.</param>
/// <param name="SlowMicroseconds">The time of 99 % of the queries at most.</param>
internal sealed record SearchRow(
    [property: JsonPropertyName("peer")] string Peer,
    [property: JsonPropertyName("build")] string Build,
    [property: JsonPropertyName("build_s")] double BuildSeconds,
    [property: JsonPropertyName("search")] string Search,
    [property: JsonPropertyName("recall")] double Recall,
    [property: JsonPropertyName("qps")] double QueriesPerSecond,
    [property: JsonPropertyName("file_bytes")] long? FileBytes,
    [property: JsonPropertyName("peak_mb")] long PeakMegabytes,
    [property: JsonPropertyName("p50_us")] double MedianMicroseconds,
    [property: JsonPropertyName("p99_us")] double SlowMicroseconds)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static SearchRow Parse(string line) => JsonSerializer.Deserialize<SearchRow>(line, Plain)!;

    public string ToJson() => JsonSerializer.Serialize(this, Plain);
}
