using SimNet.Embeddings;

namespace SimNet.Cli;

/// <summary>A product drawn by the demo.</summary>
internal sealed record DrawnProduct
{
    /// <summary>The number of the product, as six digits.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="DrawnCatalog.Categories"/>.</summary>
    public required string Category { get; init; }

    /// <summary>The name of the main color.</summary>
    public required string Color { get; init; }

    /// <summary>The name of the pattern or material, such as "striped"; "plain" if there is none.</summary>
    public required string Pattern { get; init; }

    /// <summary>The RGB image of <see cref="DrawnCatalog.Width"/> x <see cref="DrawnCatalog.Height"/> pixels.</summary>
    public required Image Image { get; init; }
}
