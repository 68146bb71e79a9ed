namespace SimNet.Embeddings;

/// <summary>A color with 8 bits each of red, green and blue.</summary>
/// <param name="Red">The red value, 0 to 255.</param>
/// <param name="Green">The green value, 0 to 255.</param>
/// <param name="Blue">The blue value, 0 to 255.</param>
public readonly record struct RgbColor(byte Red, byte Green, byte Blue)
{
    /// <summary>Gets white: 255, 255, 255.</summary>
    public static RgbColor White { get; } = new(255, 255, 255);

    /// <summary>Gets black: 0, 0, 0.</summary>
    public static RgbColor Black { get; } = new(0, 0, 0);

    /// <summary>
    /// Gets the luma of ITU-R BT.601, 0.299 red + 0.587 green + 0.114 blue, from 0 (black) to 255 (white), computed as
    /// (19595 red + 38470 green + 7471 blue + 32768) / 65536, rounded down.
    /// </summary>
    public byte Luma => (byte)(((19595 * Red) + (38470 * Green) + (7471 * Blue) + 32768) >> 16);
}
