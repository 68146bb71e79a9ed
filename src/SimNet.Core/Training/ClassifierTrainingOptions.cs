using System.Collections.Immutable;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>Options for <see cref="ClassifierTraining"/>. The defaults train e-SimNet from random weights.</summary>
public sealed record ClassifierTrainingOptions
{
    /// <summary>The default of <see cref="Augmentation"/>: moderate changes for product images on a plain background.</summary>
    public static Augmentation DefaultAugmentation { get; } = new()
    {
        HorizontalFlip = 0.5,
        MaxRotationDegrees = 8,
        MinCropScale = 0.75,
        MaxCropScale = 1.1,
        MaxShift = 0.06,
        Brightness = 0.2,
        Contrast = 0.2,
        Saturation = 0.3,
    };

    /// <summary>
    /// Creates the network for a number of classes and an image size; <see cref="SqueezeNet.CreateESimNet(int, int)"/> by default. The
    /// network must have the same parameters for every size.
    /// </summary>
    public Func<int, int, Network> Architecture { get; init; } = SqueezeNet.CreateESimNet;

    /// <summary>The layer whose output is the embedding; <see cref="SqueezeNet.EmbeddingLayer"/> by default.</summary>
    public string EmbeddingLayer { get; init; } = SqueezeNet.EmbeddingLayer;

    /// <summary>
    /// The classes in the order of the network's outputs; empty, the default, for all label values of the training products, sorted.
    /// </summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>The stages of the training, in order; 30 epochs at size 224 by default, at least one stage.</summary>
    public ImmutableArray<TrainingStage> Stages { get; init; } = [new TrainingStage(224, 30)];

    /// <summary>The number of images in a batch; 32 by default, at least 1.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The learning rate at the end of the warm-up; 0.001 by default.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>
    /// The learning rate schedule over all stages together; by default, a linear warm-up in the first epoch and then cosine decay.
    /// </summary>
    public LearningRateSchedule Schedule { get; init; } = new CosineSchedule { WarmUpEpochs = 1 };

    /// <summary>The optimizer; <see cref="Adam"/> by default.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>The initializer of weights that <see cref="InitialWeights"/> does not contain; Glorot uniform by default.</summary>
    public WeightInitializer Initializer { get; init; } = WeightInitializer.GlorotUniform;

    /// <summary>The label smoothing: the share of each target that is spread over all classes; 0.1 by default, from 0 to 1.</summary>
    public float LabelSmoothing { get; init; } = 0.1f;

    /// <summary>
    /// Whether to weight the loss by the inverse frequency of the classes, so that all classes have the same total weight;
    /// <see langword="false"/> by default.
    /// </summary>
    public bool BalanceClasses { get; init; }

    /// <summary>The random changes to training images; <see cref="DefaultAugmentation"/> by default.</summary>
    public Augmentation Augmentation { get; init; } = DefaultAugmentation;

    /// <summary>The alpha of mixup, see <see cref="LabeledImageDataOptions.Mixup"/>; 0, the default, disables it.</summary>
    public double Mixup { get; init; }

    /// <summary>The alpha of CutMix, see <see cref="LabeledImageDataOptions.CutMix"/>; 0, the default, disables it.</summary>
    public double CutMix { get; init; }

    /// <summary>
    /// The preprocessing of images, except their size, which the stage sets; <see cref="Preprocessing.ImageNet"/> by default.
    /// </summary>
    public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;

    /// <summary>
    /// The initial weights under the parameter names of the network, such as those of torchvision or of another model;
    /// <see langword="null"/>, the default, initializes all weights at random.
    /// </summary>
    /// <remarks>
    /// If the weights of the last layer have another shape, as they do for another number of classes, that layer is initialized at random.
    /// Batch norms without any weights, as in the weights of a network without batch norms, are fitted to training images so that they
    /// initially change nothing. Tensors with other names are ignored.
    /// </remarks>
    public StateDict? InitialWeights { get; init; }

    /// <summary>
    /// The layers whose weights are not trained, by name or by a prefix of it, see <see cref="TrainerOptions.FrozenLayers"/>; none by
    /// default.
    /// </summary>
    public ImmutableArray<string> FrozenLayers { get; init; } = [];

    /// <summary>
    /// The share of weights to keep in each layer, by layer name, such as <see cref="SqueezeNet.PruningShares"/>. The weights with the
    /// smallest magnitude are set to 0 before the first epoch (see <see cref="MagnitudePruning"/>) and stay 0. Requires trained
    /// <see cref="InitialWeights"/>. <see langword="null"/>, the default, disables pruning.
    /// </summary>
    public IReadOnlyDictionary<string, double>? PruningShares { get; init; }

    /// <summary>
    /// Whether convolution weights that are exactly 0 at the start stay 0, for continuing the training of a pruned network;
    /// <see langword="false"/> by default. Always in effect with <see cref="PruningShares"/>.
    /// </summary>
    public bool KeepZeros { get; init; }

    /// <summary>
    /// The largest norm of the gradient of all parameters; larger gradients are scaled down. 0, the default, disables the limit.
    /// </summary>
    public float MaxGradientNorm { get; init; }

    /// <summary>
    /// The decay of an exponential moving average of the weights, which is then evaluated and saved instead of the weights, see
    /// <see cref="TrainerOptions.AverageDecay"/>; 0, the default, disables it.
    /// </summary>
    public float AverageDecay { get; init; }

    /// <summary>
    /// Whether the model has the weights of the epoch of the last stage with the smallest validation loss, instead of the last epoch;
    /// <see langword="true"/> by default. Has no effect without validation products.
    /// </summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>
    /// The number of epochs without a smaller validation loss after which the last stage ends early; 0, the default, disables early
    /// stopping. Has no effect without validation products.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>
    /// The seed of the initial weights, the order of the images and their augmentation; 0 by default. The same seed gives the same weights
    /// with any number of threads.
    /// </summary>
    public int Seed { get; init; }

    /// <summary>
    /// The file to which the state of the training is saved after each epoch; <see langword="null"/>, the default, saves no state. Each
    /// stage has a file of its own, see <see cref="CheckpointPaths"/>.
    /// </summary>
    public string? CheckpointPath { get; init; }

    /// <summary>
    /// The checkpoint files of the stages, derived from <see cref="CheckpointPath"/>; empty if it is <see langword="null"/>. They are no
    /// longer needed when the training is complete.
    /// </summary>
    public IReadOnlyList<string> CheckpointPaths => CheckpointPath is null ? []
        : [.. Stages.Select((_, stage) => stage == 0 ? CheckpointPath : FormattableString.Invariant($"{CheckpointPath}.{stage + 1}"))];

    /// <summary>Whether to resume from <see cref="CheckpointPath"/> if that file exists; <see langword="false"/> by default.</summary>
    public bool Resume { get; init; }

    /// <summary>
    /// The back end that trains the network; <see langword="null"/>, the default, for a <see cref="Compute.ManagedBackend"/> on all cores.
    /// </summary>
    public ITrainingBackend? Backend { get; init; }

    /// <summary>The decoder for image files; <see cref="ImageDecoder.Default"/> by default.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>The limits of the decoder; <see cref="ImageDecoderOptions.Default"/> by default.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;
}
