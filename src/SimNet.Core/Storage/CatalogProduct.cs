using System.Text.Json.Serialization;

namespace SimNet.Core;

/// <summary>A line of the product file of a saved catalog.</summary>
/// <param name="Id">The ID of the product.</param>
/// <param name="Images">The path or name of each image. The key is that of the first version of the format.</param>
/// <param name="Files">Whether each image is a file, so that its name is a path.</param>
/// <param name="Category">The category; <see langword="null"/> if there is none.</param>
/// <param name="Attributes">The attributes; <see langword="null"/> if there are none.</param>
internal sealed record CatalogProduct(
    string Id,
    [property: JsonPropertyName("pictures")] string[] Images,
    bool[] Files,
    string? Category = null,
    SortedDictionary<string, string>? Attributes = null);
