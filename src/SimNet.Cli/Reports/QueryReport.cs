namespace SimNet.Cli;

/// <summary>The JSON output of <c>simnet query</c>.</summary>
internal sealed record QueryReport
{
    public required string Query { get; init; }

    /// <summary>The time to read, embed and search, without opening the catalog, in milliseconds.</summary>
    public required double Milliseconds { get; init; }

    public required QueryHit[] Hits { get; init; }
}
