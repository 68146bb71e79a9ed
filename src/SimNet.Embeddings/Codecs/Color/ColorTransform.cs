using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>
/// Converts pixels of another color space to sRGB: a curve for each channel, a matrix, and the inverse of the curve of sRGB; colors outside
/// sRGB are clipped. This class is thread-safe.
/// </summary>
internal sealed class ColorTransform
{
    /// <summary>Light is rounded to this many steps before the inverse curve, which is 0.2 levels of 255 at its steepest.</summary>
    private const int Steps = 1 << 14;

    /// <summary>The binary digits after a step in the sum of the products.</summary>
    private const int Fraction = 12;

    private static readonly byte[] Encoded = [.. Enumerable.Range(0, Steps).Select(step => Encode(step / (Steps - 1.0)))];

    private readonly ToneCurve[] _curves;
    private readonly ColorMatrix _toSrgb;
    private readonly byte[] _gray;

    /// <summary>By channel and stored value: what it adds to red, green and blue.</summary>
    private readonly Vector128<int>[] _red, _green, _blue;

    private byte[]? _gray16;
    private float[][]? _light16;

    private ColorTransform(ToneCurve[] curves, ColorMatrix toSrgb)
    {
        (_curves, _toSrgb) = (curves, toSrgb);
        _red = Products(0);
        _green = Products(1);
        _blue = Products(2);
        _gray = GrayTable(255);
    }

    /// <summary>Creates the conversion of an RGB color space.</summary>
    /// <param name="curves">The curve of each channel; the same object where curves are equal.</param>
    /// <param name="toConnection">The matrix from the light of the channels to profile connection: XYZ with white D50.</param>
    /// <returns>The conversion; null if it would change no pixel by more than one level.</returns>
    public static ColorTransform? ForRgb(ToneCurve[] curves, ColorMatrix toConnection)
    {
        var transform = new ColorTransform(curves, ColorPrimaries.ConnectionToSrgb * toConnection);
        const int Side = 18;
        byte[] lattice = new byte[3 * Side * Side * Side], converted = new byte[lattice.Length];
        for (int i = 0, at = 0; at < lattice.Length; i++, at += 3)
        {
            lattice[at] = (byte)(i % Side * 15);
            lattice[at + 1] = (byte)(i / Side % Side * 15);
            lattice[at + 2] = (byte)(i / (Side * Side) * 15);
        }

        lattice.CopyTo(converted, 0);
        transform.Convert(converted, 3);
        return transform.KeepsGray() && !Differ(lattice, converted) ? null : transform;
    }

    /// <summary>Creates the conversion of gray images.</summary>
    /// <param name="curve">The curve.</param>
    /// <returns>The conversion; null if it would change no pixel by more than one level.</returns>
    public static ColorTransform? ForGray(ToneCurve curve)
    {
        var transform = new ColorTransform([curve, curve, curve], ColorMatrix.Diagonal(1, 1, 1));
        return transform.KeepsGray() ? null : transform;
    }

    /// <summary>Converts pixels of 8 bits in place. Gray takes the curve of green.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="channels">1 for gray, 3 for RGB.</param>
    public void Convert(Span<byte> pixels, int channels)
    {
        if (channels == 1)
        {
            foreach (ref byte value in pixels)
            {
                value = _gray[value];
            }

            return;
        }

        ReadOnlySpan<Vector128<int>> red = _red, green = _green, blue = _blue;
        ReadOnlySpan<byte> encoded = Encoded;
        Vector128<int> last = Vector128.Create(Steps - 1);
        for (; pixels.Length >= 3; pixels = pixels[3..])
        {
            Vector128<int> step = (red[pixels[0]] + green[pixels[1]] + blue[pixels[2]]) >> Fraction;
            step = Vector128.Min(Vector128.Max(step, Vector128<int>.Zero), last);
            pixels[0] = encoded[step[0]];
            pixels[1] = encoded[step[1]];
            pixels[2] = encoded[step[2]];
        }
    }

    /// <summary>Converts stored samples of 16 bits, big-endian, to pixels of 8 bits.</summary>
    /// <param name="stored">The samples.</param>
    /// <param name="samplesPerPixel">The number of samples of a pixel; those after the channels are skipped.</param>
    /// <param name="pixels">Receives the pixels.</param>
    /// <param name="channels">1 for gray, 3 for RGB.</param>
    public void Convert16(ReadOnlySpan<byte> stored, int samplesPerPixel, Span<byte> pixels, int channels)
    {
        if (channels == 1)
        {
            byte[] table = _gray16 ??= GrayTable(65535);
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = table[BinaryPrimitives.ReadUInt16BigEndian(stored[(2 * samplesPerPixel * i)..])];
            }

            return;
        }

        float[][] light = _light16 ??= LightOf16();
        for (int at = 0, from = 0; at < pixels.Length; at += 3, from += 2 * samplesPerPixel)
        {
            float red = Light(light[0], BinaryPrimitives.ReadUInt16BigEndian(stored[from..]));
            float green = Light(light[1], BinaryPrimitives.ReadUInt16BigEndian(stored[(from + 2)..]));
            float blue = Light(light[2], BinaryPrimitives.ReadUInt16BigEndian(stored[(from + 4)..]));
            for (int c = 0; c < 3; c++)
            {
                double value = (_toSrgb[c, 0] * red) + (_toSrgb[c, 1] * green) + (_toSrgb[c, 2] * blue);
                pixels[at + c] = Encoded[(int)((Math.Clamp(value, 0, 1) * (Steps - 1)) + 0.5)];
            }
        }
    }

    /// <summary>Returns the converted gray of each stored value from 0 to <paramref name="largest"/>.</summary>
    public byte[] GrayTable(int largest)
    {
        byte[] table = new byte[largest + 1];
        for (int value = 0; value <= largest; value++)
        {
            table[value] = Encode(_curves[1][value / (double)largest]);
        }

        return table;
    }

    private static byte Encode(double light) =>
        (byte)((255 * (light <= 0.0031308 ? 12.92 * light : (1.055 * Math.Pow(light, 1 / 2.4)) - 0.055)) + 0.5);

    private static bool Differ(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        for (int i = 0; i < first.Length; i++)
        {
            if (Math.Abs(first[i] - second[i]) > 1)
            {
                return true;
            }
        }

        return false;
    }

    private bool KeepsGray()
    {
        for (int value = 0; value < 256; value++)
        {
            if (Math.Abs(_gray[value] - value) > 1)
            {
                return false;
            }
        }

        return true;
    }

    private Vector128<int>[] Products(int channel)
    {
        const double Unit = (Steps - 1.0) * (1 << Fraction);
        double half = channel == 0 ? 1 << (Fraction - 1) : 0;
        Vector128<int>[] products = new Vector128<int>[256];
        for (int value = 0; value < products.Length; value++)
        {
            double light = _curves[channel][value / 255.0];
            products[value] = Vector128.Create(Product(0, light), Product(1, light), Product(2, light), 0);
        }

        return products;

        // The limits keep the sum of three within 32 bits, whatever the profile contains.
        int Product(int row, double light) => (int)Math.Clamp((_toSrgb[row, channel] * light * Unit) + half, -(1 << 29), 1 << 29);
    }

    private static float Light(float[] table, int value)
    {
        float below = table[value >> 4];
        return below + ((table[(value >> 4) + 1] - below) * (value & 15) / 16);
    }

    /// <summary>The light of every sixteenth value of 16 bits; that of the others is interpolated.</summary>
    private float[][] LightOf16()
    {
        float[][] light = new float[3][];
        for (int channel = 0; channel < 3; channel++)
        {
            ToneCurve curve = _curves[channel];
            int same = Array.IndexOf(_curves, curve);
            light[channel] = same < channel
                ? light[same]
                : [.. Enumerable.Range(0, 4097).Select(step => (float)curve[step * 16 / 65535.0])];
        }

        return light;
    }
}
