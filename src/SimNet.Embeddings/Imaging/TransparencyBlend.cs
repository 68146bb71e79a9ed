namespace SimNet.Embeddings;

/// <summary>
/// Blends the pixels of one image onto a background, and finds whether they are nearly blank on white: opacities differ by more than
/// <see cref="Visible"/> of 255, yet no channel of a blended pixel is more than <see cref="Visible"/> levels below white. Such an image
/// shows its shapes on black.
/// </summary>
/// <param name="background">The color behind the pixels.</param>
internal struct TransparencyBlend(RgbColor background)
{
    /// <summary>The number of levels of 255 that are hardly seen.</summary>
    public const int Visible = 16;

    private int _darkest = 255;
    private int _leastOpacity = 255;
    private int _mostOpacity;

    /// <summary>Gets the color behind the pixels.</summary>
    public readonly RgbColor Background => background;

    /// <summary>Gets whether the pixels so far are nearly blank, if the background is white.</summary>
    public readonly bool IsNearlyBlank => !HasVisible && _mostOpacity - _leastOpacity > Visible;

    /// <summary>Gets whether a pixel can be told from white, so that the image is not nearly blank whatever follows.</summary>
    private readonly bool HasVisible => _darkest < 255 - Visible;

    /// <summary>Blends a value of 8 bits; rounded to the nearest integer, without ties.</summary>
    public static byte Blend8(int value, int opacity, int behind) =>
        (byte)(((value * opacity) + (behind * (255 - opacity)) + 127) / 255);

    /// <summary>Blends a value and an opacity of 16 bits onto one of 8 bits, rounded once, to 8 bits.</summary>
    public static byte Blend16(uint value, uint opacity, int behind) =>
        (byte)((((ulong)value * opacity) + ((ulong)behind * 257 * (65535 - opacity)) + (65535 * 257 / 2)) / (65535 * 257));

    /// <summary>Returns the background of a channel; that of gray is the luma.</summary>
    /// <param name="channels">The number of channels.</param>
    /// <param name="channel">The channel.</param>
    public readonly byte Behind(int channels, int channel) => (channels, channel) switch
    {
        (1, _) => background.Luma,
        (_, 0) => background.Red,
        (_, 1) => background.Green,
        _ => background.Blue,
    };

    /// <summary>Takes note of a blended pixel.</summary>
    /// <param name="pixel">The blended values.</param>
    /// <param name="opacity">The opacity, 0 to 255.</param>
    public void Observe(ReadOnlySpan<byte> pixel, int opacity)
    {
        if (HasVisible)
        {
            return;
        }

        foreach (byte value in pixel)
        {
            _darkest = Math.Min(_darkest, value);
        }

        _leastOpacity = Math.Min(_leastOpacity, opacity);
        _mostOpacity = Math.Max(_mostOpacity, opacity);
    }

    /// <summary>Blends interleaved RGBA of 8 bits to RGB.</summary>
    /// <param name="rgba">The pixels; colors are not multiplied by opacity.</param>
    /// <param name="rgb">Receives the blended pixels.</param>
    public void Blend(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            ReadOnlySpan<byte> stored = rgba.Slice(from, 4);
            Span<byte> pixel = rgb.Slice(to, 3);
            pixel[0] = Blend8(stored[0], stored[3], background.Red);
            pixel[1] = Blend8(stored[1], stored[3], background.Green);
            pixel[2] = Blend8(stored[2], stored[3], background.Blue);
            Observe(pixel, stored[3]);
        }
    }
}
