using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>How AutoSimNet's denoising autoencoder is trained on a catalog's images; the defaults are the paper's where it says.</summary>
public sealed record AutoencoderTrainingOptions
{
    /// <summary>Height and width that images are brought to; 64 by default, a multiple of 8.</summary>
    public int ImageSize { get; init; } = 64;

    /// <summary>Gray by default, as in the paper.</summary>
    public ColorMode Color { get; init; } = ColorMode.Gray;

    /// <summary>Standard deviation of the noise laid on the inputs, on the scale of 0 to 1; 0.1 by default.</summary>
    public float NoiseStandardDeviation { get; init; } = 0.1f;

    /// <summary>Passes over the images; 20 by default, at least 1. The paper runs 100.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Images in one step; 128 by default, at least 1.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Adam's learning rate; 0.001 by default.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>How the learning rate changes; constant by default.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>What is minimized; mean squared error by default.</summary>
    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>Seed of the first weights, the order of the images and the noise. The same seed gives the same weights on any number of threads.</summary>
    public int Seed { get; init; }

    /// <summary>A file to keep the state of the training in after each epoch; null, the default, for none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Whether to go on from the checkpoint, where there is one; false by default.</summary>
    public bool Resume { get; init; }

    /// <summary>What runs the network; null, the default, for <see cref="Compute.ManagedBackend"/> on all cores.</summary>
    public ITrainingBackend? Backend { get; init; }

    /// <summary>Decodes image files; <see cref="ImageDecoder.Default"/> by default.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>Limits for the decoder.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;
}
