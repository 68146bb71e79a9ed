using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimNet.Benchmarks;

/// <summary>One measurement: an index, built one way, searched at one effort. The peers' program prints the same JSON lines.</summary>
/// <param name="Peer">The index; SimNet's begin with <c>simnet-</c>.</param>
/// <param name="Build">How it was built.</param>
/// <param name="BuildSeconds">How many seconds that took.</param>
/// <param name="Search">How it was searched.</param>
/// <param name="Recall">Recall@10, by distance.</param>
/// <param name="QueriesPerSecond">The median of the passes.</param>
/// <param name="FileBytes">Its size as a file, vectors included; null if it cannot be saved.</param>
/// <param name="PeakMegabytes">
/// The most memory that its process had resident, the vectors that it was built from included, in megabytes of a million bytes.
/// </param>
/// <param name="MedianMicroseconds">The median time of a query.</param>
/// <param name="SlowMicroseconds">The 99th percentile of the time of a query.</param>
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
    // Names such as M=16 stay readable.
    private static readonly JsonSerializerOptions Unescaped = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static SearchRow Parse(string line) => JsonSerializer.Deserialize<SearchRow>(line, Unescaped)!;

    public string ToJson() => JsonSerializer.Serialize(this, Unescaped);
}
