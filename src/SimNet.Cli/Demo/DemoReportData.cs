using SimNet.Embeddings;

namespace SimNet.Cli;

/// <summary>Everything a <see cref="DemoReport"/> shows: what one run of the demo did, measured and saw. Lists may be empty; their sections
/// then say so.</summary>
internal sealed record DemoReportData
{
    /// <summary>The heading and the page's title.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences below the heading.</summary>
    public string Introduction { get; init; } = "";

    /// <summary>Counts, machine, versions, seed: whatever names the run.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    /// <summary>The stages of the run in order.</summary>
    public IReadOnlyList<Stage> Stages { get; init; } = [];

    /// <summary>The network, layer by layer.</summary>
    public IReadOnlyList<NetworkLayer> Network { get; init; } = [];

    /// <summary>What the loss is called, such as "binary cross-entropy".</summary>
    public string LossName { get; init; } = "loss";

    /// <summary>The training, epoch by epoch.</summary>
    public IReadOnlyList<Epoch> LearningCurve { get; init; } = [];

    /// <summary>Images through the autoencoder.</summary>
    public IReadOnlyList<Reconstruction> Reconstructions { get; init; } = [];

    /// <summary>Queries with what was found for them.</summary>
    public IReadOnlyList<Query> Queries { get; init; } = [];

    /// <summary>What layers of the network make of one image, in order.</summary>
    public IReadOnlyList<FeatureMaps> Features { get; init; } = [];

    /// <summary>The image the feature maps were made from.</summary>
    public Image? FeaturesOf { get; init; }

    /// <summary>What was measured. The first four also stand at the top of the page.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>A named fact about the run.</summary>
    public sealed record Fact(string Name, string Value);

    /// <summary>A stage of the run and how long it took.</summary>
    public sealed record Stage(string Name, double Seconds);

    /// <summary>A row of the network's table: its name, kind, output such as "32 x 8 x 8", and number of parameters.</summary>
    public sealed record NetworkLayer(string Name, string Kind, string Output, long Parameters);

    /// <summary>Losses and reconstruction accuracies (0 to 1) after an epoch; what is not a number leaves a gap.</summary>
    public sealed record Epoch(int Number, double TrainingLoss, double ValidationLoss, double TrainingAccuracy, double ValidationAccuracy);

    /// <summary>What the network was shown, what it gave, and what it was to give.</summary>
    public sealed record Reconstruction(Image Noisy, Image Reconstructed, Image Clean, string Caption);

    /// <summary>A query image and its results by the model that the demo trained and by the one that comes with the library, nearest first.</summary>
    public sealed record Query(Image Image, string Caption, IReadOnlyList<Result> Learned, IReadOnlyList<Result> ReadyMade);

    /// <summary>A result: its distance to the query, and whether it is of the query's category.</summary>
    public sealed record Result(Image Image, string Caption, double Distance, bool SameCategory);

    /// <summary>The channels of one layer's output: each map has width x height values, row by row, of any range.</summary>
    public sealed record FeatureMaps(string Name, int Width, int Height, IReadOnlyList<float[]> Maps);

    /// <summary>
    /// A measured number: its value for the learned embedding, the same for the ready-made model's and for raw pixels if there is one, and a
    /// .NET numeric format such as "P1" (a share of 1, shown with a bar) or "N0".
    /// </summary>
    public sealed record Metric(string Name, string Explanation, double Learned, double? ReadyMade, double? RawPixels, string Format);
}
