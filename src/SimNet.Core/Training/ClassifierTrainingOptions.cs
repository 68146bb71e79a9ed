using System.Collections.Immutable;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>How a classifier is trained on a catalog's labeled images; the defaults train e-SimNet from scratch.</summary>
public sealed record ClassifierTrainingOptions
{
    /// <summary>Random changes that suit product images on plain ground; what <see cref="Augmentation"/> is by default.</summary>
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

    /// <summary>Makes the network for a number of classes and an image size, always with the same parameters; <see cref="SqueezeNet.CreateESimNet(int, int)"/> by default.</summary>
    public Func<int, int, Network> Architecture { get; init; } = SqueezeNet.CreateESimNet;

    /// <summary>The layer whose output is the embedding; <see cref="SqueezeNet.EmbeddingLayer"/> by default.</summary>
    public string EmbeddingLayer { get; init; } = SqueezeNet.EmbeddingLayer;

    /// <summary>The classes in the order of the network's outputs; empty, the default, for all labels of the training products, sorted.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Image sizes and epochs, one after the other on the same weights; 30 epochs at 224 by default. At least one.</summary>
    public ImmutableArray<TrainingStage> Stages { get; init; } = [new TrainingStage(224, 30)];

    /// <summary>Images in one step; 32 by default, at least 1.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The learning rate at the end of the warm-up; 0.001 by default.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>How the learning rate changes over all stages together; a warm-up of one epoch and half a cosine by default.</summary>
    public LearningRateSchedule Schedule { get; init; } = new CosineSchedule { WarmUpEpochs = 1 };

    /// <summary>The optimizer; <see cref="Adam"/> by default.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>How weights are drawn that <see cref="InitialWeights"/> do not give.</summary>
    public WeightInitializer Initializer { get; init; } = WeightInitializer.GlorotUniform;

    /// <summary>Share of each target spread over all classes; 0.1 by default, in 0 to 1.</summary>
    public float LabelSmoothing { get; init; } = 0.1f;

    /// <summary>Whether rare classes count for as much as frequent ones; false by default.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>Random changes to the training images; <see cref="DefaultAugmentation"/> by default.</summary>
    public Augmentation Augmentation { get; init; } = DefaultAugmentation;

    /// <summary>Mixup's alpha, see <see cref="LabeledImageDataOptions.Mixup"/>; 0, the default, for none.</summary>
    public double Mixup { get; init; }

    /// <summary>CutMix's alpha, see <see cref="LabeledImageDataOptions.CutMix"/>; 0, the default, for none.</summary>
    public double CutMix { get; init; }

    /// <summary>How images become the network's input, but for the size, which is the stage's; as ImageNet's by default.</summary>
    public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;

    /// <summary>
    /// Weights to begin with under the network's names, such as torchvision's or another model's; null, the default, to draw all of them.
    /// Where those of the last layer are of another shape, as for another number of classes, they are drawn anew. Norms that are left out, as by weights of
    /// a network without any, are fitted to training images so that at first they change nothing. Tensors of other names are passed over.
    /// </summary>
    public StateDict? InitialWeights { get; init; }

    /// <summary>Layers that keep their weights, by name or by the beginning of it, see <see cref="TrainerOptions.FrozenLayers"/>; none by default.</summary>
    public ImmutableArray<string> FrozenLayers { get; init; } = [];

    /// <summary>
    /// The share of weights to keep of each layer, by name, such as <see cref="SqueezeNet.PruningShares"/>: the smallest others become 0
    /// before the first epoch (see <see cref="MagnitudePruning"/>) and stay so. Wants <see cref="InitialWeights"/> that have been trained.
    /// Null, the default, for no pruning.
    /// </summary>
    public IReadOnlyDictionary<string, double>? PruningShares { get; init; }

    /// <summary>Whether convolutions' weights that are exactly 0 at first stay so, as when a pruned network is trained further; false by default, always so with <see cref="PruningShares"/>.</summary>
    public bool KeepZeros { get; init; }

    /// <summary>The most that the gradient of all parameters together may measure; 0, the default, for no bound.</summary>
    public float MaxGradientNorm { get; init; }

    /// <summary>How slowly an average of the weights follows them, which is what is judged and kept, see <see cref="TrainerOptions.AverageDecay"/>; 0, the default, for none.</summary>
    public float AverageDecay { get; init; }

    /// <summary>Whether the last stage's best epoch gives the model instead of its last, by the validation loss; true by default. Without effect where there are no validation products.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Epochs without a new best one after which the last stage ends early; 0, the default, for never. Without effect where there are no validation products.</summary>
    public int Patience { get; init; }

    /// <summary>Seed of the first weights, the order of the images and their changes. The same seed gives the same weights on any number of threads.</summary>
    public int Seed { get; init; }

    /// <summary>A file to keep the state of the training in after each epoch (each stage after the first in a file of its own beside it); null, the default, for none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>The files that <see cref="CheckpointPath"/> leads to, one for each stage; a training that is done needs them no more.</summary>
    public IReadOnlyList<string> CheckpointPaths => CheckpointPath is null ? []
        : [.. Stages.Select((_, stage) => stage == 0 ? CheckpointPath : FormattableString.Invariant($"{CheckpointPath}.{stage + 1}"))];

    /// <summary>Whether to go on from the checkpoint, where there is one; false by default.</summary>
    public bool Resume { get; init; }

    /// <summary>What runs the network; null, the default, for <see cref="Compute.ManagedBackend"/> on all cores.</summary>
    public ITrainingBackend? Backend { get; init; }

    /// <summary>Decodes image files; <see cref="ImageDecoder.Default"/> by default.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>Limits for the decoder.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;
}
