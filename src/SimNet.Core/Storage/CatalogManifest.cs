using System.Text.Json.Serialization;

namespace SimNet.Core;

/// <summary>The content of the <c>manifest.json</c> of a saved catalog.</summary>
internal sealed record CatalogManifest
{
    public const string FormatName = "simnet-catalog";
    public const int CurrentVersion = 1;

    public required string Format { get; init; }

    public required int Version { get; init; }

    /// <summary>The model that computed the vectors. Its SHA-256 is its <see cref="Models.Model.Id"/>.</summary>
    public required CatalogFile Model { get; init; }

    public required CatalogFile Index { get; init; }

    /// <summary>
    /// The <see cref="IVectorIndexFactory.Name"/> of the factory that opens the index; missing for an index type of this library, as in
    /// catalogs of earlier versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IndexType { get; init; }

    public required CatalogFile Products { get; init; }
}
