namespace SimNet.Cli;

/// <summary>The JSON output of <c>simnet demo</c>.</summary>
internal sealed record DemoSummary
{
    public required string Report { get; init; }

    public required string Model { get; init; }

    public required string Catalog { get; init; }

    public required string Label { get; init; }

    public required double ReconstructionAccuracy { get; init; }

    /// <summary>The evaluation of the autoencoder that the demo trains, in the saved catalog.</summary>
    public required EvaluateReport Trained { get; init; }

    /// <summary>The evaluation of the model included in the library.</summary>
    public required EvaluateReport DefaultModel { get; init; }

    /// <summary>The evaluation of the pixel baseline.</summary>
    public required EvaluateReport RawPixels { get; init; }

    public required double Seconds { get; init; }
}
