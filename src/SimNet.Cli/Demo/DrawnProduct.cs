using SimNet.Embeddings;

namespace SimNet.Cli;

/// <summary>A product of the demo's own catalog.</summary>
internal sealed record DrawnProduct
{
    /// <summary>Its number in the catalog, as six digits.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="DrawnCatalog.Categories"/>.</summary>
    public required string Category { get; init; }

    /// <summary>The name of its main color.</summary>
    public required string Color { get; init; }

    /// <summary>The name of its pattern or make, such as "striped"; "plain" if there is none.</summary>
    public required string Pattern { get; init; }

    /// <summary>Its image on a near-white background: <see cref="DrawnCatalog.Width"/> x <see cref="DrawnCatalog.Height"/>,
    /// RGB.</summary>
    public required Image Image { get; init; }
}
