using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>How an <see cref="ImageEmbedder"/> reads images and runs its network.</summary>
public sealed record ImageEmbedderOptions
{
    /// <summary>Decodes image files; <see cref="ImageDecoder.Default"/> (JPEG and PNG) by default.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>Limits for the decoder.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;

    /// <summary>What runs the network; null, the default, for <see cref="Compute.ManagedBackend"/> on all cores.</summary>
    public IInferenceBackend? Backend { get; init; }

    /// <summary>
    /// How an image becomes the network's input, for models that carry no preprocessing of their own, as files that other programs exported; for
    /// networks that learned from ImageNet <see cref="Embeddings.Preprocessing.ImageNet"/>. Null by default: the model says it.
    /// </summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>Images decoded and run together; 64 by default, at least 1.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Threads that decode; 0, the default, for all cores.</summary>
    public int MaxThreads { get; init; }
}
