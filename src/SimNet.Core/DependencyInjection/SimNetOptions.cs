namespace SimNet.Core;

/// <summary>Options for <see cref="SimNetServiceCollectionExtensions"/>.</summary>
public sealed record SimNetOptions
{
    /// <summary>The folder of the saved catalog.</summary>
    public required string CatalogPath { get; init; }

    /// <summary>
    /// The options for opening the catalog; the defaults by default. If <see cref="EngineOptions.LoggerFactory"/> is
    /// <see langword="null"/>, the logger factory of the container is used.
    /// </summary>
    public EngineOptions Engine { get; init; } = new();
}
