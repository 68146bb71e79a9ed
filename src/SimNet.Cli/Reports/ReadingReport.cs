using System.Collections.Immutable;
using SimNet.Core;

namespace SimNet.Cli;

/// <summary>What the JSON output of a command that reads many images says of those that were left out.</summary>
internal abstract record ReadingReport
{
    /// <summary>The images that could not be read.</summary>
    public required ImageFailure[] Failures { get; init; }

    /// <summary>The number of <see cref="Failures"/> with each cause, the most frequent cause first.</summary>
    public ImmutableArray<CauseCount> FailuresByCause => ImageFailure.CountByCause(Failures);

    /// <summary>The rows, files and folders of <c>--data</c> that were left out, and the files that are no images.</summary>
    public CatalogReadReport Data { get; init; } = CatalogReadReport.Empty;
}
