using System.Buffers.Binary;
using System.Text;

namespace SimNet.Embeddings.Tests;

/// <summary>ICC profiles with known curves and colors.</summary>
internal static class TestProfile
{
    public static readonly double[] Srgb = [0.4360, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141];
    public static readonly double[] DisplayP3 = [0.5151, 0.2412, -0.0011, 0.2920, 0.6922, 0.0419, 0.1571, 0.0666, 0.7841];
    public static readonly double[] AdobeRgb = [0.6097, 0.3111, 0.0195, 0.2053, 0.6257, 0.0609, 0.1492, 0.0632, 0.7446];
    public static readonly double[] ProPhoto = [0.7977, 0.2880, 0, 0.1352, 0.7119, 0, 0.0313, 0.0001, 0.8249];

    public static byte[] Gamma(double exponent) => [.. "curv\0\0\0\0"u8, 0, 0, 0, 1, .. Word((int)Math.Round(exponent * 256))];

    public static byte[] Table(int entries, Func<double, double> curve) =>
    [
        .. "curv\0\0\0\0"u8, .. Number(entries),
        .. Enumerable.Range(0, entries).SelectMany(i => Word((int)Math.Round(65535 * curve(i / (entries - 1.0))))),
    ];

    public static byte[] Parametric(int kind, params double[] values) =>
        [.. "para\0\0\0\0"u8, .. Word(kind), 0, 0, .. values.SelectMany(Fixed)];

    /// <summary>A profile of a matrix, with the same curve for all channels.</summary>
    public static byte[] OfMatrix(double[] colors, byte[] curve) => Build("RGB ", "XYZ ", Tags(colors, curve));

    public static byte[] OfGray(byte[] curve, string connection = "XYZ ") => Build("GRAY", connection, [("kTRC", curve)]);

    /// <summary>A profile of a matrix that prefers a look-up table.</summary>
    public static byte[] OfTables(string space = "RGB ") => Build(space, "Lab ", [("A2B0", [.. "mft2"u8, .. new byte[60]])]);

    public static (string Name, byte[] Data)[] Tags(double[] colors, byte[] curve) =>
    [
        ("rXYZ", Xyz(colors[..3])), ("gXYZ", Xyz(colors[3..6])), ("bXYZ", Xyz(colors[6..])),
        ("rTRC", curve), ("gTRC", curve), ("bTRC", curve),
    ];

    public static byte[] Build(string space, string connection, (string Name, byte[] Data)[] tags)
    {
        byte[] header = new byte[128];
        header[8] = 4;
        Encoding.ASCII.GetBytes("mntr" + space + connection, header.AsSpan(12));
        Encoding.ASCII.GetBytes("acsp", header.AsSpan(36));
        byte[] white = [.. Fixed(0.9642), .. Fixed(1), .. Fixed(0.8249)];
        white.CopyTo(header, 68);
        (string Name, byte[] Data)[] all = [("wtpt", [.. "XYZ \0\0\0\0"u8, .. white]), .. tags];
        List<byte> table = [.. Number(all.Length)], content = [];
        foreach ((string name, byte[] data) in all)
        {
            table.AddRange([.. Encoding.ASCII.GetBytes(name), .. Number(132 + (12 * all.Length) + content.Count), .. Number(data.Length)]);
            content.AddRange([.. data, .. new byte[-data.Length & 3]]);
        }

        byte[] profile = [.. header, .. table, .. content];
        BinaryPrimitives.WriteInt32BigEndian(profile, profile.Length);
        return profile;
    }

    /// <summary>The chunk iCCP with a profile.</summary>
    public static byte[] Chunk(byte[] profile) => TestPng.Chunk("iCCP", [.. "a\0\0"u8, .. TestPng.Compress(profile)]);

    /// <summary>The segments APP2 of a JPEG with a profile, in parts of at most <paramref name="length"/> bytes.</summary>
    public static byte[][] Segments(byte[] profile, int length)
    {
        byte[][] parts = [.. profile.Chunk(length)];
        return [.. parts.Select((part, i) => (byte[])
            [0xFF, 0xE2, .. Word(16 + part.Length), .. "ICC_PROFILE\0"u8, (byte)(i + 1), (byte)parts.Length, .. part])];
    }

    /// <summary>The inverse of the curve of sRGB, as a value of 8 bits.</summary>
    public static int Encode(double light)
    {
        light = Math.Clamp(light, 0, 1);
        return (int)Math.Round(255 * (light <= 0.0031308 ? 12.92 * light : (1.055 * Math.Pow(light, 1 / 2.4)) - 0.055));
    }

    public static double Decode(double value) => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);

    /// <summary>The pixel in sRGB, in double precision, by the inverse of the published matrix of sRGB with white D50.</summary>
    public static int[] Expected(double[] colors, Func<double, double> curve, IReadOnlyList<double> pixel)
    {
        double[] light = [.. pixel.Select(curve)];
        double[] xyz =
        [
            .. Enumerable.Range(0, 3).Select(i => (colors[i] * light[0]) + (colors[3 + i] * light[1]) + (colors[6 + i] * light[2])),
        ];
        double[] inverse = [3.1338561, -1.6168667, -0.4906146, -0.9787684, 1.9161415, 0.0334540, 0.0719453, -0.2289914, 1.4052427];
        return [.. Enumerable.Range(0, 3).Select(row =>
            Encode((inverse[3 * row] * xyz[0]) + (inverse[(3 * row) + 1] * xyz[1]) + (inverse[(3 * row) + 2] * xyz[2])))];
    }

    private static byte[] Xyz(double[] values) => [.. "XYZ \0\0\0\0"u8, .. values.SelectMany(Fixed)];

    private static byte[] Fixed(double value) => Number((int)Math.Round(value * 65536));

    private static byte[] Number(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] Word(int value) => [(byte)(value >> 8), (byte)value];
}
