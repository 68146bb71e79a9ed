using System.Collections.Immutable;
using SimNet.Core;

namespace SimNet.Cli;

/// <summary>A product found by <c>simnet query</c>.</summary>
internal sealed record QueryHit(
    string Product, float Distance, string? Category, ImmutableSortedDictionary<string, string> Attributes, string Image)
{
    public static QueryHit From(Recommendation hit) =>
        new(hit.Product.Id, hit.Distance, hit.Product.Category, hit.Product.Attributes, hit.Image.FilePath ?? hit.Image.Name);
}
