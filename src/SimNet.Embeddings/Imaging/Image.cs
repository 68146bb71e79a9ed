namespace SimNet.Embeddings;

/// <summary>
/// A decoded image of 8-bit gray or RGB pixels: rows from top to bottom, channels interleaved (RGBRGB...), no padding between rows.
/// </summary>
public sealed class Image
{
    private readonly byte[] _pixels;

    /// <summary>Initializes a new instance of the <see cref="Image"/> class over an array, which is not copied.</summary>
    /// <param name="width">The number of columns; at least 1.</param>
    /// <param name="height">The number of rows; at least 1.</param>
    /// <param name="channels">1 for gray, 3 for RGB.</param>
    /// <param name="pixels">The width x height x channels values. The array must not be modified afterward.</param>
    /// <exception cref="ArgumentNullException"><paramref name="pixels"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="width"/>, <paramref name="height"/> or <paramref name="channels"/> is out of range.
    /// </exception>
    /// <exception cref="ArgumentException">The length of <paramref name="pixels"/> is not width x height x channels.</exception>
    public Image(int width, int height, int channels, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "Expected 1 (gray) or 3 (RGB).");
        }

        if (pixels.LongLength != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"{pixels.LongLength} values for {width}x{height}x{channels}; expected {(long)width * height * channels}.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Channels = channels;
        _pixels = pixels;
    }

    /// <summary>Makes an RGB image of pixels with opacity, blended onto a background as the decoders of this library do.</summary>
    /// <param name="width">The number of columns; at least 1.</param>
    /// <param name="height">The number of rows; at least 1.</param>
    /// <param name="rgba">
    /// The width x height x 4 values of red, green, blue and opacity (255 is opaque); colors are not multiplied by opacity.
    /// </param>
    /// <param name="background">The color behind the pixels; null as in <see cref="ImageDecoderOptions.Background"/>.</param>
    /// <param name="blemishes">The <see cref="Blemishes"/> of the image; null for none.</param>
    /// <returns>The blended image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="width"/> or <paramref name="height"/> is less than 1, or the image does not fit in an array.
    /// </exception>
    /// <exception cref="ArgumentException">The length of <paramref name="rgba"/> is not width x height x 4.</exception>
    public static Image FromRgba(
        int width, int height, ReadOnlySpan<byte> rgba, RgbColor? background, IReadOnlyList<string>? blemishes = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        byte[] pixels = ImageOperations.Allocate(width, height, 3);
        if (rgba.Length != (long)width * height * 4)
        {
            throw new ArgumentException(
                $"{rgba.Length} values for {width}x{height}x4; expected {(long)width * height * 4}.", nameof(rgba));
        }

        var blend = new TransparencyBlend(background ?? RgbColor.White);
        blend.Blend(rgba, pixels);
        if (background is null && blend.IsNearlyBlank)
        {
            new TransparencyBlend(RgbColor.Black).Blend(rgba, pixels);
        }

        return new Image(width, height, 3, pixels) { Blemishes = blemishes ?? [] };
    }

    /// <summary>Gets the number of columns.</summary>
    public int Width { get; }

    /// <summary>Gets the number of rows.</summary>
    public int Height { get; }

    /// <summary>Gets the number of channels: 1 for gray, 3 for RGB.</summary>
    public int Channels { get; }

    /// <summary>Gets all values, row by row, with interleaved channels.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>
    /// Gets the blemishes of the file that the image was decoded from, as sentences for people to read; empty if there are none. See
    /// <see cref="DecodingTolerance"/>.
    /// </summary>
    public IReadOnlyList<string> Blemishes { get; init; } = [];

    /// <summary>Returns the values of one row.</summary>
    /// <param name="y">The zero-based index of the row.</param>
    /// <returns>The width x channels values of the row.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="y"/> is not a row of the image.</exception>
    public ReadOnlySpan<byte> Row(int y) => (uint)y < (uint)Height
        ? _pixels.AsSpan(y * Width * Channels, Width * Channels)
        : throw new ArgumentOutOfRangeException(nameof(y), y, $"Expected a row from 0 to {Height - 1}.");

    /// <summary>Converts the pixels of an image that nobody else has yet, in place.</summary>
    /// <param name="color">The conversion; null for none.</param>
    internal Image Converted(ColorTransform? color)
    {
        color?.Convert(_pixels, Channels);
        return this;
    }
}
