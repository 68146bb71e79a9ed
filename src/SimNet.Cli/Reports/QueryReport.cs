using System.Collections.Immutable;

namespace SimNet.Cli;

/// <summary>What <c>simnet query --json</c> prints.</summary>
internal sealed record QueryReport
{
    public required string Query { get; init; }

    /// <summary>Time to read, embed and search, in milliseconds; opening the catalog is not in it.</summary>
    public required double Milliseconds { get; init; }

    public required QueryHit[] Hits { get; init; }
}

/// <summary>One product found.</summary>
internal sealed record QueryHit(string Product, float Distance, string? Category, ImmutableSortedDictionary<string, string> Attributes, string Image);
