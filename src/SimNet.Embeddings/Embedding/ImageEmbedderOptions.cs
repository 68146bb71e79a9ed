using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>Options of <see cref="ImageEmbedder"/> and <see cref="ImageClassifier"/>.</summary>
public sealed record ImageEmbedderOptions
{
    /// <summary>Gets the decoder. The default is <see cref="ImageDecoder.Default"/>, JPEG and PNG.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>Gets the limits of the decoder.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;

    /// <summary>
    /// Gets the back end that runs the network. The default, null, is <see cref="Compute.ManagedBackend"/> on all cores.
    /// </summary>
    public IInferenceBackend? Backend { get; init; }

    /// <summary>
    /// Gets the preprocessing, for models without one in their metadata, such as files exported by other programs; for networks trained on
    /// ImageNet, use <see cref="Embeddings.Preprocessing.ImageNet"/>. The default, null, is that of the model.
    /// </summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>Gets the number of images that are decoded and embedded together; at least 1. The default is 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Gets the maximum number of threads that decode images. The default is 0, all cores.</summary>
    public int MaxThreads { get; init; }
}
