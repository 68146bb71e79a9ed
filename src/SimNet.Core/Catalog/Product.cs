using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>One product of a shop: its id, its images, and what is known of it.</summary>
/// <param name="Id">Unique in its catalog.</param>
/// <param name="Images">At least one image.</param>
public sealed record Product(string Id, ImmutableArray<ImageSource> Images)
{
    /// <summary>The name under which <see cref="GetLabel"/> gives the category.</summary>
    public const string CategoryLabel = "category";

    /// <summary>A product with one image; a path converts to it.</summary>
    /// <param name="id">Unique in its catalog.</param>
    /// <param name="image">The image.</param>
    public Product(string id, ImageSource image)
        : this(id, [image])
    {
    }

    /// <summary>The product's category; null when not known.</summary>
    public string? Category { get; init; }

    /// <summary>Whatever else is known, by name; empty by default.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The value of a label: an attribute, or the category under the name <see cref="CategoryLabel"/>; null when the product has none.</summary>
    /// <param name="name">The attribute's name, or <c>category</c>; case matters only where an attribute of exactly that name exists.</param>
    public string? GetLabel(string name) =>
        Attributes.TryGetValue(name, out string? value) ? value
        : string.Equals(name, CategoryLabel, StringComparison.OrdinalIgnoreCase) ? Category
        : null;
}
