using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Options for <see cref="NearDuplicates.FindAsync"/>.</summary>
public sealed record NearDuplicateOptions
{
    /// <summary>
    /// The largest distance between two images that count as the same; 0.04 by default, from 0 to 1. The distance is the root mean square
    /// difference of the two images, each shrunk to 16x16 RGB, divided by the smaller contrast (standard deviation of the values) of the
    /// two. In product images, recompressed and resized copies have distances below 0.04; the same product in another color is above.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxDistance
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxDistance), value, "Expected a value from 0 to 1.");
    } = 0.04;

    /// <summary>The decoder for image files; <see cref="ImageDecoder.Default"/> by default.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>The limits of the decoder; <see cref="ImageDecoderOptions.Default"/> by default.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;
}
