using SimNet.Embeddings;

namespace SimNet.Cli;

/// <summary>The data of a <see cref="DemoReport"/>. Lists may be empty; their sections then say so.</summary>
internal sealed record DemoReportData
{
    /// <summary>The title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences below the title.</summary>
    public string Introduction { get; init; } = "";

    /// <summary>Facts about the run, such as numbers, the machine, versions and the seed.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    /// <summary>The stages of the run, in order.</summary>
    public IReadOnlyList<Stage> Stages { get; init; } = [];

    /// <summary>The network, layer by layer.</summary>
    public IReadOnlyList<NetworkLayer> Network { get; init; } = [];

    /// <summary>The name of the loss, such as "binary cross-entropy".</summary>
    public string LossName { get; init; } = "loss";

    /// <summary>The training, epoch by epoch.</summary>
    public IReadOnlyList<Epoch> LearningCurve { get; init; } = [];

    /// <summary>Images and their reconstructions by the autoencoder.</summary>
    public IReadOnlyList<Reconstruction> Reconstructions { get; init; } = [];

    /// <summary>Queries and their results.</summary>
    public IReadOnlyList<Query> Queries { get; init; } = [];

    /// <summary>The outputs of some layers of the network for one image, in order.</summary>
    public IReadOnlyList<FeatureMaps> Features { get; init; } = [];

    /// <summary>The image that the feature maps are computed from.</summary>
    public Image? FeaturesOf { get; init; }

    /// <summary>The measurements. The first four are also at the top of the page.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>A named fact about the run.</summary>
    public sealed record Fact(string Name, string Value);

    /// <summary>A stage of the run and its time.</summary>
    public sealed record Stage(string Name, double Seconds);

    /// <summary>A layer of the network: its name, kind, output shape such as "32 x 8 x 8", and number of parameters.</summary>
    public sealed record NetworkLayer(string Name, string Kind, string Output, long Parameters);

    /// <summary>The losses and reconstruction accuracies (0 to 1) of an epoch. NaN leaves a gap in the chart.</summary>
    public sealed record Epoch(int Number, double TrainingLoss, double ValidationLoss, double TrainingAccuracy, double ValidationAccuracy);

    /// <summary>An input of the network, its output, and the expected output.</summary>
    public sealed record Reconstruction(Image Noisy, Image Reconstructed, Image Clean, string Caption);

    /// <summary>
    /// A query image and its results, nearest first, by the model that the demo trains and by the model included in the library.
    /// </summary>
    public sealed record Query(Image Image, string Caption, IReadOnlyList<Result> Trained, IReadOnlyList<Result> DefaultModel);

    /// <summary>A result: its image, its distance to the query, and whether it has the category of the query.</summary>
    public sealed record Result(Image Image, string Caption, double Distance, bool SameCategory);

    /// <summary>The channels of the output of a layer. Each map has width x height values of any range, row by row.</summary>
    public sealed record FeatureMaps(string Name, int Width, int Height, IReadOnlyList<float[]> Maps);

    /// <summary>
    /// A measurement: its value for the trained model and, if there is one, for the default model and for raw pixels, and a .NET numeric
    /// format such as "P1" (a share of 1, shown with a bar) or "N0".
    /// </summary>
    public sealed record Metric(string Name, string Explanation, double Trained, double? DefaultModel, double? RawPixels, string Format);
}
