using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>
/// Turns rows as a PNG stores them into 8-bit gray or RGB on white. Samples of 1, 2 and 4 bits are scaled by 255, 85 and 17; samples of
/// 16 bits are divided by 257 to the nearest (as libpng's scaling does, not its stripping). A sample v of opacity a, both at their
/// full depth with the largest value m, becomes (v a + m (m - a)) / m, scaled to 8 bits with one rounding, to the nearest; halves cannot
/// occur.
/// </summary>
internal sealed class PngPixelConverter
{
    private readonly PngHeader _header;
    private readonly int _paletteSize;

    /// <summary>What each stored value of up to 8 bits becomes: one byte for gray, three for a palette.</summary>
    private readonly byte[]? _table;

    /// <summary>The stored samples of the one color that is transparent; null if none is.</summary>
    private readonly ushort[]? _transparent;

    /// <param name="header">How pixels are stored.</param>
    /// <param name="palette">PLTE's data; empty if there is none.</param>
    /// <param name="transparency">tRNS' data, its length checked; empty if there is none.</param>
    public PngPixelConverter(PngHeader header, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparency)
    {
        _header = header;
        if (header.ColorType == PngColorType.Palette)
        {
            _paletteSize = palette.Length / 3;
            _table = palette.ToArray();
            for (int i = 0; i < transparency.Length * 3; i++)
            {
                _table[i] = OnWhite8(_table[i], transparency[i / 3]);
            }

            return;
        }

        if (!transparency.IsEmpty)
        {
            _transparent = new ushort[header.SamplesPerPixel];
            for (int i = 0; i < _transparent.Length; i++)
            {
                _transparent[i] = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(transparency[(2 * i)..]) & ((1 << header.BitDepth) - 1));
            }
        }

        if (header.ColorType == PngColorType.Gray && header.BitDepth <= 8)
        {
            int largest = (1 << header.BitDepth) - 1;
            _table = new byte[largest + 1];
            for (int value = 0; value <= largest; value++)
            {
                _table[value] = _transparent?[0] == value ? (byte)255 : (byte)(value * (255 / largest));
            }
        }
    }

    /// <summary>Converts a row.</summary>
    /// <param name="row">The stored row, its filter undone; bits after the last pixel are passed over.</param>
    /// <param name="pixels">Filled.</param>
    /// <returns>A palette index that the palette does not have; -1 if there is none.</returns>
    public int Convert(ReadOnlySpan<byte> row, Span<byte> pixels)
    {
        switch (_header.ColorType, _header.BitDepth)
        {
            case (PngColorType.Palette, _):
                return FromPalette(row, pixels);
            case (PngColorType.Gray, <= 8):
                FromSmallGray(row, pixels);
                break;
            case (PngColorType.Gray or PngColorType.Rgb, 16):
                From16(row, pixels);
                break;
            case (PngColorType.Rgb, _):
                row.CopyTo(pixels);
                WhitenTransparent8(pixels);
                break;
            case (_, 8):
                FromAlpha8(row, pixels, _header.Channels);
                break;
            default:
                FromAlpha16(row, pixels, _header.Channels);
                break;
        }

        return -1;
    }

    private static byte OnWhite8(int value, int opacity) => (byte)(((value * opacity) + (255 * (255 - opacity)) + 127) / 255);

    private static byte OnWhite16(uint value, uint opacity) =>
        (byte)((((ulong)value * opacity) + (65535UL * (65535 - opacity)) + (65535 * 257 / 2)) / (65535 * 257));

    private static byte To8(int value) => (byte)((value + 128) / 257);

    private int FromPalette(ReadOnlySpan<byte> row, Span<byte> pixels)
    {
        int depth = _header.BitDepth, mask = (1 << depth) - 1;
        ReadOnlySpan<byte> table = _table;
        for (int i = 0, at = 0; at + 2 < pixels.Length; i++, at += 3)
        {
            long bit = (long)i * depth;
            int index = (row[(int)(bit >> 3)] >> (8 - depth - (int)(bit & 7))) & mask;
            if (index >= _paletteSize)
            {
                return index;
            }

            table.Slice(index * 3, 3).CopyTo(pixels[at..]);
        }

        return -1;
    }

    private void FromSmallGray(ReadOnlySpan<byte> row, Span<byte> pixels)
    {
        int depth = _header.BitDepth, mask = (1 << depth) - 1;
        if (depth == 8 && _transparent is null)
        {
            row.CopyTo(pixels);
            return;
        }

        ReadOnlySpan<byte> table = _table;
        for (int i = 0; i < pixels.Length; i++)
        {
            long bit = (long)i * depth;
            pixels[i] = table[(row[(int)(bit >> 3)] >> (8 - depth - (int)(bit & 7))) & mask];
        }
    }

    private void From16(ReadOnlySpan<byte> row, Span<byte> pixels)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = To8(BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]));
        }

        if (_transparent is { } key)
        {
            for (int i = 0; i < pixels.Length; i += key.Length)
            {
                int same = 0;
                while (same < key.Length && BinaryPrimitives.ReadUInt16BigEndian(row[(2 * (i + same))..]) == key[same])
                {
                    same++;
                }

                if (same == key.Length)
                {
                    pixels.Slice(i, same).Fill(255);
                }
            }
        }
    }

    private void WhitenTransparent8(Span<byte> pixels)
    {
        if (_transparent is not { } key)
        {
            return;
        }

        for (int at = 0; at + 2 < pixels.Length; at += 3)
        {
            if (pixels[at] == key[0] && pixels[at + 1] == key[1] && pixels[at + 2] == key[2])
            {
                pixels.Slice(at, 3).Fill(255);
            }
        }
    }

    private static void FromAlpha8(ReadOnlySpan<byte> row, Span<byte> pixels, int channels)
    {
        for (int at = 0, from = 0; at < pixels.Length; at += channels, from += channels + 1)
        {
            ReadOnlySpan<byte> stored = row.Slice(from, channels + 1);
            for (int c = 0; c < channels; c++)
            {
                pixels[at + c] = OnWhite8(stored[c], stored[^1]);
            }
        }
    }

    private static void FromAlpha16(ReadOnlySpan<byte> row, Span<byte> pixels, int channels)
    {
        for (int at = 0, from = 0; at < pixels.Length; at += channels, from += 2 * (channels + 1))
        {
            ReadOnlySpan<byte> stored = row.Slice(from, 2 * (channels + 1));
            uint opacity = BinaryPrimitives.ReadUInt16BigEndian(stored[^2..]);
            for (int c = 0; c < channels; c++)
            {
                pixels[at + c] = OnWhite16(BinaryPrimitives.ReadUInt16BigEndian(stored[(2 * c)..]), opacity);
            }
        }
    }
}
