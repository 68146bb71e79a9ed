using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>
/// What reading a catalog left out. Images are not read with the catalog; see <see cref="BuildReport.Failures"/> for these.
/// </summary>
/// <param name="Problems">The rows of tables, the files and the folders that could not be read, in the order of the catalog.</param>
/// <param name="PassedOver">
/// The number of files in a folder of images that are no images by their content and name. A hidden folder counts as one.
/// </param>
/// <param name="PassedOverExamples">
/// Some of the files that were passed over, as paths relative to the folder; a hidden folder ends with a slash.
/// </param>
public sealed record CatalogReadReport(
    ImmutableArray<CatalogProblem> Problems, int PassedOver, ImmutableArray<string> PassedOverExamples)
{
    /// <summary>The largest number of examples.</summary>
    internal const int MaxExamples = 5;

    /// <summary>A report in which nothing is left out.</summary>
    public static CatalogReadReport Empty { get; } = new([], 0, []);

    /// <summary>Returns the reports of several catalogs as one.</summary>
    internal static CatalogReadReport Merge(IEnumerable<CatalogReadReport> reports) => reports.Aggregate(Empty, (one, other) => new(
        [.. one.Problems, .. other.Problems],
        one.PassedOver + other.PassedOver,
        [.. one.PassedOverExamples.Concat(other.PassedOverExamples).Take(MaxExamples)]));
}
