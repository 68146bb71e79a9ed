using System.Numerics;

namespace SimNet.Cli;

/// <summary>A color with a name.</summary>
internal readonly record struct NamedColor(string Name, Vector3 Value)
{
    public static readonly NamedColor[] All =
    [
        new("black", Rgb(0x23, 0x22, 0x26)),
        new("gray", Rgb(0x7d, 0x80, 0x86)),
        new("silver", Rgb(0xb9, 0xbc, 0xc2)),
        new("ivory", Rgb(0xe4, 0xdd, 0xcb)),
        new("beige", Rgb(0xcb, 0xb0, 0x8a)),
        new("brown", Rgb(0x6f, 0x47, 0x2c)),
        new("navy", Rgb(0x22, 0x2e, 0x55)),
        new("blue", Rgb(0x2c, 0x66, 0xb8)),
        new("sky blue", Rgb(0x8e, 0xbb, 0xe0)),
        new("teal", Rgb(0x1f, 0x7f, 0x80)),
        new("green", Rgb(0x3c, 0x83, 0x48)),
        new("olive", Rgb(0x6b, 0x6d, 0x3c)),
        new("yellow", Rgb(0xe5, 0xbe, 0x3c)),
        new("orange", Rgb(0xdd, 0x77, 0x2d)),
        new("red", Rgb(0xbd, 0x2b, 0x30)),
        new("burgundy", Rgb(0x6c, 0x1f, 0x32)),
        new("pink", Rgb(0xe0, 0x92, 0xa8)),
        new("purple", Rgb(0x6a, 0x47, 0x8f)),
    ];

    private static Vector3 Rgb(int red, int green, int blue) => new Vector3(red, green, blue) / 255;
}
