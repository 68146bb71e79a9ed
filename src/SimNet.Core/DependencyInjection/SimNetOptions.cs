namespace SimNet.Core;

/// <summary>What <see cref="SimNetServiceCollectionExtensions"/> registers.</summary>
public sealed record SimNetOptions
{
    /// <summary>The folder of the saved catalog to open.</summary>
    public required string CatalogPath { get; init; }

    /// <summary>How to open it; the container's logging is used where <see cref="EngineOptions.LoggerFactory"/> is null.</summary>
    public EngineOptions Engine { get; init; } = new();
}
