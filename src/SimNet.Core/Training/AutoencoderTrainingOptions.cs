using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>
/// Options for <see cref="AutoencoderTraining"/>. Unless noted otherwise, the defaults are those of the AutoSimNet paper.
/// </summary>
public sealed record AutoencoderTrainingOptions
{
    /// <summary>The height and width that images are resized to; 64 by default, a positive multiple of 8.</summary>
    public int ImageSize { get; init; } = 64;

    /// <summary>The color mode of the images; gray by default.</summary>
    public ColorMode Color { get; init; } = ColorMode.Gray;

    /// <summary>The standard deviation of the noise that is added to inputs, whose values are from 0 to 1; 0.1 by default.</summary>
    public float NoiseStandardDeviation { get; init; } = 0.1f;

    /// <summary>The number of epochs; 20 by default (the paper uses 100), at least 1.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>The number of images in a batch; 128 by default, at least 1.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>The learning rate of the Adam optimizer; 0.001 by default.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>The learning rate schedule; constant by default.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The loss; the mean squared error by default.</summary>
    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>
    /// The seed of the initial weights, the order of the images and the noise; 0 by default. The same seed gives the same weights with any
    /// number of threads.
    /// </summary>
    public int Seed { get; init; }

    /// <summary>
    /// The file to which the state of the training is saved after each epoch; <see langword="null"/>, the default, saves no state.
    /// </summary>
    public string? CheckpointPath { get; init; }

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
