namespace SimNet.Cli;

/// <summary>What <c>simnet demo --json</c> prints.</summary>
internal sealed record DemoSummary
{
    public required string Report { get; init; }

    public required string Model { get; init; }

    public required string Catalog { get; init; }

    public required string Label { get; init; }

    public required double ReconstructionAccuracy { get; init; }

    public required EvaluateReport Learned { get; init; }

    public required EvaluateReport RawPixels { get; init; }

    public required double Seconds { get; init; }
}
