using SimNet.Core;
using SimNet.Index;

namespace SimNet.Cli;

/// <summary>The JSON output of <c>simnet index</c>.</summary>
internal sealed record IndexReport : ReadingReport
{
    public required string Catalog { get; init; }

    public required int Products { get; init; }

    public required int Images { get; init; }

    public required int Dimensions { get; init; }

    public required string Index { get; init; }

    public required string Metric { get; init; }

    /// <summary>
    /// The recall measured by the build: 1 with 0 queries if searches are exact; <see langword="null"/> if it was not measured.
    /// </summary>
    public required RecallEstimate? EstimatedRecall { get; init; }

    public required double EmbeddingSeconds { get; init; }

    public required double IndexingSeconds { get; init; }

    /// <summary>The images in the catalog whose files have blemishes.</summary>
    public required BlemishedImage[] BlemishedImages { get; init; }
}
