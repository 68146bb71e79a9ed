namespace SimNet.Embeddings;

/// <summary>An 8-bit RGB color.</summary>
/// <param name="Red">Red, 0 to 255.</param>
/// <param name="Green">Green, 0 to 255.</param>
/// <param name="Blue">Blue, 0 to 255.</param>
public readonly record struct RgbColor(byte Red, byte Green, byte Blue)
{
    /// <summary>255, 255, 255.</summary>
    public static RgbColor White { get; } = new(255, 255, 255);

    /// <summary>0, 0, 0.</summary>
    public static RgbColor Black { get; } = new(0, 0, 0);

    /// <summary>
    /// The color's brightness by ITU-R BT.601: (19595 red + 38470 green + 7471 blue + 32768) / 65536, rounded down, which is
    /// 0.299 red + 0.587 green + 0.114 blue to the nearest. White is 255, black 0.
    /// </summary>
    public byte Luma => (byte)(((19595 * Red) + (38470 * Green) + (7471 * Blue) + 32768) >> 16);
}
