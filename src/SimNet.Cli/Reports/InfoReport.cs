using SimNet.Index;

namespace SimNet.Cli;

/// <summary>The JSON output of <c>simnet info</c>.</summary>
internal sealed record InfoReport
{
    public required string Catalog { get; init; }

    public required int Products { get; init; }

    public required int Images { get; init; }

    public required string Network { get; init; }

    /// <summary>The ID of the model.</summary>
    public required string Model { get; init; }

    public required int Dimensions { get; init; }

    public required string Index { get; init; }

    public required string Metric { get; init; }

    /// <summary>
    /// The recall measured when the index was built: 1 with 0 queries if searches are exact; <see langword="null"/> if it was not measured.
    /// </summary>
    public required RecallEstimate? EstimatedRecall { get; init; }
}
