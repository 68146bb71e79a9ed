using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>A product: its ID, its images and its labels.</summary>
/// <param name="Id">The ID, unique within a catalog.</param>
/// <param name="Images">The images of the product; at least one.</param>
public sealed record Product(string Id, ImmutableArray<ImageSource> Images)
{
    /// <summary>The label name under which <see cref="GetLabel"/> returns <see cref="Category"/>.</summary>
    public const string CategoryLabel = "category";

    /// <summary>Initializes a product with one image.</summary>
    /// <param name="id">The ID, unique within a catalog.</param>
    /// <param name="image">The image. A file path converts implicitly.</param>
    public Product(string id, ImageSource image)
        : this(id, [image])
    {
    }

    /// <summary>The category of the product; <see langword="null"/>, the default, if it is not known.</summary>
    public string? Category { get; init; }

    /// <summary>Other properties of the product by name, such as its color; empty by default.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Gets the value of a label: an attribute, or the category for <see cref="CategoryLabel"/>.</summary>
    /// <param name="name">
    /// The name of an attribute, which is case-sensitive, or <see cref="CategoryLabel"/>, which is not. An attribute of that name takes
    /// precedence over the category.
    /// </param>
    /// <returns>The value; <see langword="null"/> if the product does not have the label.</returns>
    public string? GetLabel(string name) =>
        Attributes.TryGetValue(name, out string? value) ? value
        : string.Equals(name, CategoryLabel, StringComparison.OrdinalIgnoreCase) ? Category
        : null;
}
