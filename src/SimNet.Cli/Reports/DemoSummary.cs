namespace SimNet.Cli;

/// <summary>What <c>simnet demo --json</c> prints.</summary>
internal sealed record DemoSummary
{
    public required string Report { get; init; }

    public required string Model { get; init; }

    public required string Catalog { get; init; }

    public required string Label { get; init; }

    public required double ReconstructionAccuracy { get; init; }

    /// <summary>The autoencoder that the demo trained; its catalog is the one saved.</summary>
    public required EvaluateReport Learned { get; init; }

    /// <summary>The model that comes with the library, used as it is.</summary>
    public required EvaluateReport ReadyMade { get; init; }

    public required EvaluateReport RawPixels { get; init; }

    public required double Seconds { get; init; }
}
