namespace SimNet.Cli;

/// <summary>The JSON output of <c>simnet export</c>.</summary>
internal sealed record ExportReport
{
    public required string File { get; init; }

    public required long Bytes { get; init; }

    public required string Network { get; init; }

    public required int Layers { get; init; }

    public required int Parameters { get; init; }

    public required string Input { get; init; }

    public required string EmbeddingLayer { get; init; }

    public required int Dimensions { get; init; }
}
