using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>
/// Converts stored rows to 8-bit gray or RGB in sRGB, blended onto a background. Samples of 1, 2 and 4 bits are multiplied by 255, 85 and
/// 17. Samples of 16 bits are divided by 257 and rounded to the nearest integer, as png_set_scale_16 of libpng does, unlike
/// png_set_strip_16. A sample v with alpha a and maximum m, at full depth, becomes (v a + b (m - a)) / m on a background b, scaled to 8
/// bits and rounded once to the nearest integer; there are no ties. Where the color space is converted, the converted sample of 8 bits is
/// blended.
/// </summary>
internal sealed class PngPixelConverter
{
    private readonly PngHeader _header;
    private readonly ColorTransform? _color;
    private readonly int _paletteSize;
    private TransparencyBlend _blend;

    /// <summary>By stored value of up to 8 bits: the converted pixel, one byte for gray and three for a palette.</summary>
    private readonly byte[]? _table;

    /// <summary>By palette index: the opacity; null if all are opaque.</summary>
    private readonly byte[]? _opacities;

    /// <summary>The stored samples of the transparent color; null if there is none.</summary>
    private readonly ushort[]? _transparent;

    /// <summary>Initializes a new instance of the <see cref="PngPixelConverter"/> class.</summary>
    /// <param name="header">The format of the stored pixels.</param>
    /// <param name="palette">The data of PLTE; empty if there is none.</param>
    /// <param name="transparency">The data of tRNS, with a valid length; empty if there is none.</param>
    /// <param name="color">The conversion to sRGB; null if pixels stay as they are.</param>
    /// <param name="background">The color behind transparent pixels.</param>
    public PngPixelConverter(
        PngHeader header, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparency, ColorTransform? color, RgbColor background)
    {
        _header = header;
        _color = color;
        _blend = new TransparencyBlend(background);
        if (header.ColorType == PngColorType.Palette)
        {
            _paletteSize = palette.Length / 3;
            _table = new byte[3 * 256];
            palette.CopyTo(_table);
            color?.Convert(_table.AsSpan(0, palette.Length), 3);
            if (!transparency.IsEmpty)
            {
                _opacities = new byte[256];
                Array.Fill(_opacities, (byte)255);
                transparency.CopyTo(_opacities);
                for (int i = 0; i < _table.Length; i++)
                {
                    _table[i] = TransparencyBlend.Blend8(_table[i], _opacities[i / 3], _blend.Behind(3, i % 3));
                }
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
            _table = color?.GrayTable(largest) ?? [.. Enumerable.Range(0, largest + 1).Select(value => (byte)(value * (255 / largest)))];
            if (_transparent is not null)
            {
                _table[_transparent[0]] = _blend.Behind(1, 0);
            }
        }
    }

    /// <summary>Whether the pixels so far are nearly blank, if the background is white.</summary>
    public bool IsNearlyBlank => _blend.IsNearlyBlank;

    /// <summary>The first palette index beyond the palette; -1 if there is none.</summary>
    public int MissingIndex { get; private set; } = -1;

    /// <summary>Converts a row, or a part of it that starts at a byte.</summary>
    /// <param name="row">The reconstructed row; bits after the last pixel are ignored.</param>
    /// <param name="pixels">Receives the pixels.</param>
    public void Convert(ReadOnlySpan<byte> row, Span<byte> pixels)
    {
        switch (_header.ColorType, _header.BitDepth)
        {
            case (PngColorType.Palette, _):
                FromPalette(row, pixels);
                break;
            case (PngColorType.Gray, <= 8):
                FromSmallGray(row, pixels);
                break;
            case (PngColorType.Gray or PngColorType.Rgb, 16):
                From16(row, pixels, _header.SamplesPerPixel);
                BlendTransparentColor(row, pixels, 2);
                break;
            case (PngColorType.Rgb, _):
                row.CopyTo(pixels);
                _color?.Convert(pixels, 3);
                BlendTransparentColor(row, pixels, 1);
                break;
            case (_, 8):
                FromAlpha8(row, pixels, _header.Channels);
                break;
            default:
                FromAlpha16(row, pixels, _header.Channels);
                break;
        }
    }

    private static byte To8(int value) => (byte)((value + 128) / 257);

    private void FromPalette(ReadOnlySpan<byte> row, Span<byte> pixels)
    {
        int depth = _header.BitDepth, mask = (1 << depth) - 1;
        ReadOnlySpan<byte> table = _table;
        for (int i = 0, at = 0; at + 2 < pixels.Length; i++, at += 3)
        {
            long bit = (long)i * depth;
            int index = (row[(int)(bit >> 3)] >> (8 - depth - (int)(bit & 7))) & mask;
            if (index >= _paletteSize && MissingIndex < 0)
            {
                MissingIndex = index;
            }

            Span<byte> pixel = pixels.Slice(at, 3);
            table.Slice(index * 3, 3).CopyTo(pixel);
            if (_opacities is not null)
            {
                _blend.Observe(pixel, _opacities[index]);
            }
        }
    }

    private void FromSmallGray(ReadOnlySpan<byte> row, Span<byte> pixels)
    {
        int depth = _header.BitDepth, mask = (1 << depth) - 1;
        if (depth == 8 && _transparent is null && _color is null)
        {
            row.CopyTo(pixels);
            return;
        }

        ReadOnlySpan<byte> table = _table;
        for (int i = 0; i < pixels.Length; i++)
        {
            long bit = (long)i * depth;
            int value = (row[(int)(bit >> 3)] >> (8 - depth - (int)(bit & 7))) & mask;
            pixels[i] = table[value];
            if (_transparent is not null)
            {
                _blend.Observe(pixels.Slice(i, 1), value == _transparent[0] ? 0 : 255);
            }
        }
    }

    private void From16(ReadOnlySpan<byte> row, Span<byte> pixels, int samplesPerPixel)
    {
        if (_color is not null)
        {
            _color.Convert16(row, samplesPerPixel, pixels, _header.Channels);
            return;
        }

        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = To8(BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]));
        }
    }

    /// <summary>Replaces pixels of the transparent color by the background.</summary>
    private void BlendTransparentColor(ReadOnlySpan<byte> row, Span<byte> pixels, int bytesPerSample)
    {
        if (_transparent is not { } key)
        {
            return;
        }

        for (int i = 0; i < pixels.Length; i += key.Length)
        {
            bool isTransparent = true;
            for (int c = 0; c < key.Length; c++)
            {
                int sample = bytesPerSample == 1 ? row[i + c] : BinaryPrimitives.ReadUInt16BigEndian(row[(2 * (i + c))..]);
                isTransparent &= sample == key[c];
            }

            Span<byte> pixel = pixels.Slice(i, key.Length);
            for (int c = 0; c < key.Length && isTransparent; c++)
            {
                pixel[c] = _blend.Behind(key.Length, c);
            }

            _blend.Observe(pixel, isTransparent ? 0 : 255);
        }
    }

    private void FromAlpha8(ReadOnlySpan<byte> row, Span<byte> pixels, int channels)
    {
        for (int at = 0, from = 0; at < pixels.Length; at += channels, from += channels + 1)
        {
            row.Slice(from, channels).CopyTo(pixels[at..]);
        }

        _color?.Convert(pixels, channels);
        for (int at = 0, from = channels; at < pixels.Length; at += channels, from += channels + 1)
        {
            Span<byte> pixel = pixels.Slice(at, channels);
            for (int c = 0; c < channels; c++)
            {
                pixel[c] = TransparencyBlend.Blend8(pixel[c], row[from], _blend.Behind(channels, c));
            }

            _blend.Observe(pixel, row[from]);
        }
    }

    private void FromAlpha16(ReadOnlySpan<byte> row, Span<byte> pixels, int channels)
    {
        _color?.Convert16(row, channels + 1, pixels, channels);
        for (int at = 0, from = 0; at < pixels.Length; at += channels, from += 2 * (channels + 1))
        {
            ReadOnlySpan<byte> stored = row.Slice(from, 2 * (channels + 1));
            Span<byte> pixel = pixels.Slice(at, channels);
            uint alpha = BinaryPrimitives.ReadUInt16BigEndian(stored[^2..]);
            for (int c = 0; c < channels; c++)
            {
                uint value = _color is null ? BinaryPrimitives.ReadUInt16BigEndian(stored[(2 * c)..]) : pixel[c] * 257u;
                pixel[c] = TransparencyBlend.Blend16(value, alpha, _blend.Behind(channels, c));
            }

            _blend.Observe(pixel, (int)(alpha >> 8));
        }
    }
}
