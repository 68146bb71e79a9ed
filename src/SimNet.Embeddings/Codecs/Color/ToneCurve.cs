using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>The function from the stored value of a channel to its light, both from 0 to 1.</summary>
/// <param name="evaluate">The function; results out of range are clipped, and those that are no number are 0.</param>
internal sealed class ToneCurve(Func<double, double> evaluate)
{
    /// <summary>
    /// HDR images: the luminances in candela per square meter that become half of the light of white, and white. Light is compressed
    /// between them, as in Chromium 156, though not by the same curve; it is proportional to luminance below, and clipped above.
    /// </summary>
    private const double HalfOfHdr = 203, WhiteOfHdr = 1000;

    /// <summary>sRGB (IEC 61966-2-1).</summary>
    public static ToneCurve Srgb { get; } =
        new(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4));

    /// <summary>Returns the light of a stored value.</summary>
    public double this[double value] => evaluate(value) is var light && light > 0 ? Math.Min(light, 1) : 0;

    /// <summary>A power of the stored value.</summary>
    public static ToneCurve Gamma(double exponent) => new(value => Math.Pow(value, exponent));

    /// <summary>
    /// Returns the curve of a code of ITU-T H.273, table 3; null if it is reserved or rare. Those of video are the display's, with exponent
    /// 2.4 (BT.1886), as in Chromium. The luminance of PQ and HLG (BT.2100, with a display of 1000 candela per square meter, and its
    /// exponent 1.2 applied to each channel) is compressed to that of a usual display.
    /// </summary>
    public static ToneCurve? FromCode(int code) => code switch
    {
        1 or 6 or 11 or 14 or 15 => Gamma(2.4),
        2 or 13 => Srgb,
        4 => Gamma(2.2),
        5 => Gamma(2.8),
        7 => new(value => value < 0.0913 ? value / 4 : Math.Pow((value + 0.1115) / 1.1115, 1 / 0.45)),
        8 => Gamma(1),
        16 => new(value => Compress(10_000 * PerceptualQuantizer(value))),
        17 => new(value => 52.37 / 48 * Math.Pow(value, 2.6)),
        18 => new(value => Compress(WhiteOfHdr * Math.Pow(HybridLogGamma(value), 1.2))),
        _ => null,
    };

    /// <summary>
    /// Reads a curve of an ICC profile: curveType (ICC.1:2022, 10.6) or parametricCurveType (10.18). The memory is that of the profile.
    /// </summary>
    /// <returns>The curve; null if it is damaged.</returns>
    public static ToneCurve? FromIcc(ReadOnlySpan<byte> tag)
    {
        if (tag.Length < 12)
        {
            return null;
        }

        ReadOnlySpan<byte> rest = tag[12..];
        if (tag.StartsWith("para"u8))
        {
            int kind = BinaryPrimitives.ReadUInt16BigEndian(tag[8..]);
            int count = kind switch { 0 => 1, 1 => 3, 2 => 4, 3 => 5, 4 => 7, _ => int.MaxValue / 4 };
            return rest.Length < 4 * count ? null : Parametric(kind, rest);
        }

        uint entries = BinaryPrimitives.ReadUInt32BigEndian(tag[8..]);
        if (!tag.StartsWith("curv"u8) || entries > rest.Length / 2)
        {
            return null;
        }

        switch (entries)
        {
            case 0:
                return Gamma(1);
            case 1:
                return Gamma(BinaryPrimitives.ReadUInt16BigEndian(rest) / 256.0);
        }

        ushort[] table = new ushort[entries];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = BinaryPrimitives.ReadUInt16BigEndian(rest[(2 * i)..]);
        }

        return new ToneCurve(value =>
        {
            double place = value * (table.Length - 1);
            int i = Math.Min((int)place, table.Length - 2);
            return (table[i] + ((place - i) * (table[i + 1] - table[i]))) / 65535;
        });
    }

    /// <summary>The same curve for a profile that connects by CIE L*: its results are L* / 100.</summary>
    public ToneCurve FromLightness() => new(value =>
    {
        double lightness = this[value] * 100;
        return lightness > 8 ? Math.Pow((lightness + 16) / 116, 3) : lightness * 27 / 24389;
    });

    private static ToneCurve Parametric(int kind, ReadOnlySpan<byte> parameters)
    {
        double g = Read(parameters, 0), a = 1, b = 0, c = 0, d = double.NegativeInfinity, e = 0, f = 0;
        if (kind > 0)
        {
            (a, b) = (Read(parameters, 1), Read(parameters, 2));
            d = -b / a;
        }

        switch (kind)
        {
            case 2:
                e = f = Read(parameters, 3);
                break;
            case 3 or 4:
                (c, d) = (Read(parameters, 3), Read(parameters, 4));
                break;
        }

        if (kind == 4)
        {
            (e, f) = (Read(parameters, 5), Read(parameters, 6));
        }

        return new ToneCurve(value => value >= d ? Math.Pow((a * value) + b, g) + e : (c * value) + f);

        static double Read(ReadOnlySpan<byte> numbers, int index) => BinaryPrimitives.ReadInt32BigEndian(numbers[(4 * index)..]) / 65536.0;
    }

    private static double Compress(double luminance)
    {
        double light = luminance / (2 * HalfOfHdr);
        if (light <= 0.5)
        {
            return light;
        }

        // From half to all of the light, with the same slope where it starts.
        double place = (luminance - HalfOfHdr) / (WhiteOfHdr - HalfOfHdr);
        const double Slope = (WhiteOfHdr - HalfOfHdr) / HalfOfHdr;
        return 0.5 + (0.5 * Slope * place / (1 + ((Slope - 1) * place)));
    }

    /// <summary>BT.2100, table 4: the luminance as a part of 10,000 candela per square meter.</summary>
    private static double PerceptualQuantizer(double value)
    {
        double root = Math.Pow(value, 32 / 2523.0);
        return Math.Pow(Math.Max(root - (3424 / 4096.0), 0) / ((2413 / 128.0) - (2392 / 128.0 * root)), 16384 / 2610.0);
    }

    /// <summary>BT.2100, table 5: the light of the scene, from 0 to 1.</summary>
    private static double HybridLogGamma(double value) => value <= 0.5
        ? value * value / 3
        : (Math.Exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12;
}
