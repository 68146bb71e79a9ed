namespace SimNet.Embeddings;

/// <summary>A decoded image: 8-bit gray or RGB, rows from the top, values interleaved (RGBRGB...), no padding between rows.</summary>
public sealed class Image
{
    private readonly byte[] _pixels;

    /// <summary>An image over <paramref name="pixels"/>, which is not copied and must not be changed afterwards.</summary>
    /// <param name="width">Columns; at least 1.</param>
    /// <param name="height">Rows; at least 1.</param>
    /// <param name="channels">1 for gray, 3 for RGB.</param>
    /// <param name="pixels">width x height x channels values.</param>
    /// <exception cref="ArgumentException">A size is out of range, or the number of values is not what the sizes ask for.</exception>
    public Image(int width, int height, int channels, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "An image has 1 (gray) or 3 (RGB) channels.");
        }

        if (pixels.LongLength != (long)width * height * channels)
        {
            throw new ArgumentException($"{pixels.LongLength} values for {width}x{height}x{channels}; expected {(long)width * height * channels}.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Channels = channels;
        _pixels = pixels;
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>1 for gray, 3 for RGB.</summary>
    public int Channels { get; }

    /// <summary>All values, row by row, interleaved.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>The values of one row.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="y"/> is not a row of the image.</exception>
    public ReadOnlySpan<byte> Row(int y) => (uint)y < (uint)Height
        ? _pixels.AsSpan(y * Width * Channels, Width * Channels)
        : throw new ArgumentOutOfRangeException(nameof(y), y, $"The image has rows 0 to {Height - 1}.");
}
