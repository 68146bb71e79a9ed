using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>
/// Converts stored rows to 8-bit gray or RGB, blended onto white. Samples of 1, 2 and 4 bits are multiplied by 255, 85 and 17. Samples of
/// 16 bits are divided by 257 and rounded to the nearest integer, as png_set_scale_16 of libpng does, unlike png_set_strip_16. A sample v
/// with alpha a and maximum m, at full depth, becomes (v a + m (m - a)) / m, scaled to 8 bits and rounded once to the nearest integer;
/// there are no ties.
/// </summary>
internal sealed class PngPixelConverter
{
    private readonly PngHeader _header;
    private readonly int _paletteSize;

    /// <summary>By stored value of up to 8 bits: the converted pixel, one byte for gray and three for a palette.</summary>
    private readonly byte[]? _table;

    /// <summary>The stored samples of the transparent color; null if there is none.</summary>
    private readonly ushort[]? _transparent;

    /// <summary>Initializes a new instance of the <see cref="PngPixelConverter"/> class.</summary>
    /// <param name="header">The format of the stored pixels.</param>
    /// <param name="palette">The data of PLTE; empty if there is none.</param>
    /// <param name="transparency">The data of tRNS, with a valid length; empty if there is none.</param>
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
    /// <param name="row">The reconstructed row; bits after the last pixel are ignored.</param>
    /// <param name="pixels">Receives the pixels.</param>
    /// <returns>The first palette index beyond the palette; -1 if there is none.</returns>
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
                MakeTransparentWhite8(pixels);
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

    private static byte OnWhite8(int value, int alpha) => (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);

    private static byte OnWhite16(uint value, uint alpha) =>
        (byte)((((ulong)value * alpha) + (65535UL * (65535 - alpha)) + (65535 * 257 / 2)) / (65535 * 257));

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

    private void MakeTransparentWhite8(Span<byte> pixels)
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
            uint alpha = BinaryPrimitives.ReadUInt16BigEndian(stored[^2..]);
            for (int c = 0; c < channels; c++)
            {
                pixels[at + c] = OnWhite16(BinaryPrimitives.ReadUInt16BigEndian(stored[(2 * c)..]), alpha);
            }
        }
    }
}
