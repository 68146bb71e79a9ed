using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>When <see cref="NearDuplicates"/> takes two images for the same.</summary>
public sealed record NearDuplicateOptions
{
    /// <summary>
    /// The largest distance between two images that count as the same: the root mean square difference of their values once both are
    /// shrunk to 16x16 RGB, as a share of the contrast (the values' standard deviation) of the image that has less. 0.04 by default, at
    /// least 0, at most 1. On shop images, recompressing and resizing stays below 0.04, and the same thing in another color is above.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxDistance
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxDistance), value, "Expected 0 to 1.");
    } = 0.04;

    /// <summary>Decodes image files; <see cref="ImageDecoder.Default"/> by default.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>Limits for the decoder.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;
}
