using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimNet.Benchmarks;

/// <summary>What SimNet's indexes and the peers' find of one hard set.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Rows">The number of its rows.</param>
/// <param name="Dimensions">The dimensions of a row.</param>
/// <param name="Metric">The metric's name.</param>
/// <param name="Seed">The seed that it was generated with.</param>
/// <param name="Queries">The number of queries.</param>
/// <param name="QueriesAreRows">Whether the queries are rows of the set.</param>
/// <param name="StoredRows">
/// How many rows of the set the graph was searched for; 0 for the inner product, by which a row need not be nearest to itself.
/// </param>
/// <param name="LostRows">How many of them were not found: the first result was farther from the row than the row itself.</param>
/// <param name="DefaultKind">The kind of index that <c>VectorIndex.Build</c> chooses.</param>
/// <param name="Searches">What was measured.</param>
internal sealed record HardSetRow(
    [property: JsonPropertyName("set")] string Set,
    [property: JsonPropertyName("rows")] int Rows,
    [property: JsonPropertyName("dimensions")] int Dimensions,
    [property: JsonPropertyName("metric")] string Metric,
    [property: JsonPropertyName("seed")] long Seed,
    [property: JsonPropertyName("queries")] int Queries,
    [property: JsonPropertyName("queries_are_rows")] bool QueriesAreRows,
    [property: JsonPropertyName("stored_rows")] int StoredRows,
    [property: JsonPropertyName("lost_rows")] int LostRows,
    [property: JsonPropertyName("default_kind")] string DefaultKind,
    [property: JsonPropertyName("searches")] IReadOnlyList<HardSetSearch> Searches)
{
    /// <summary>The first two lines of the table.</summary>
    public const string MarkdownHeader =
        "| set | rows | dims | metric | graph | lost | build, s | queries/s | effort 256 | effort 1024 | default | kind "
        + "| forest | queries/s | hnswlib ef 64 | queries/s | ef 200 | queries/s | build, s | Annoy |\n"
        + "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

    /// <summary>The row in one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>The row of the table; cells of what was not measured are empty.</summary>
    public string ToMarkdown()
    {
        HardSetSearch? graph = Of("graph", "effort=default"), forest = Of("forest", "effort=default");
        HardSetSearch? ef64 = Of("hnswlib", "ef=64"), ef200 = Of("hnswlib", "ef=200");
        string[] cells =
        [
            QueriesAreRows ? Set + " (queries are rows)" : Set,
            Rows.ToString("#,0", CultureInfo.InvariantCulture),
            Dimensions.ToString(CultureInfo.InvariantCulture),
            Metric,
            Recall(graph),
            StoredRows == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{LostRows} of {StoredRows}"),
            Seconds(graph),
            Rate(graph),
            Recall(Of("graph", "effort=256")),
            Recall(Of("graph", "effort=1024")),
            Recall(Of("default", "effort=default")),
            DefaultKind,
            Recall(forest),
            Rate(forest),
            Recall(ef64),
            Rate(ef64),
            Recall(ef200),
            Rate(ef200),
            Seconds(ef64),
            Recall(Of("annoy", "search_k=1000")),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private static string Recall(HardSetSearch? search) => search?.Recall.ToString("0.000", CultureInfo.InvariantCulture) ?? "";

    private static string Rate(HardSetSearch? search) => search?.QueriesPerSecond.ToString("#,0", CultureInfo.InvariantCulture) ?? "";

    private static string Seconds(HardSetSearch? search) => search?.BuildSeconds.ToString("0.0", CultureInfo.InvariantCulture) ?? "";

    private HardSetSearch? Of(string index, string search) =>
        Searches.FirstOrDefault(measured => measured.Index == index && measured.Search == search);
}
