using System.Numerics;

namespace SimNet.Cli;

/// <summary>The fill of an <see cref="Outline"/>: a color, a pattern in a second color, and shading.</summary>
internal sealed record Paint(Vector3 Color)
{
    private readonly float _cos = 1;
    private readonly float _sin;

    /// <summary>The color of the pattern.</summary>
    public Vector3 Accent { get; init; }

    public PaintPattern Pattern { get; init; }

    /// <summary>The distance between stripes or dots.</summary>
    public float Period { get; init; } = 8;

    /// <summary>The width of a stripe, or the diameter of a dot.</summary>
    public float Thickness { get; init; } = 3;

    /// <summary>The rotation of the pattern, in radians.</summary>
    public float Angle
    {
        init => (_sin, _cos) = MathF.SinCos(value);
    }

    /// <summary>The x coordinate of the axis for cylindrical shading.</summary>
    public float ShadeCenter { get; init; }

    /// <summary>The radius of the cylinder.</summary>
    public float ShadeRadius { get; init; } = 48;

    /// <summary>The darkening at the edge of the cylinder; 0 for none.</summary>
    public float Shade { get; init; }

    /// <summary>The lightening of the top of the image, and the darkening of its bottom.</summary>
    public float Fall { get; init; }

    /// <summary>The amplitude of the noise that imitates the grain of fabric.</summary>
    public float Grain { get; init; }

    /// <summary>Computes the color at a point.</summary>
    public Vector3 At(float x, float y)
    {
        Vector3 color = Pattern == PaintPattern.None ? Color : Vector3.Lerp(Color, Accent, Cover(x * _cos + y * _sin, y * _cos - x * _sin));
        float light = 1;
        if (Shade != 0)
        {
            float off = Math.Clamp((x - ShadeCenter) / ShadeRadius + 0.15f, -1.2f, 1.2f);
            light -= Shade * off * off;
        }

        light -= Fall * y * (1 / 64f);
        if (Grain != 0)
        {
            light += Grain * Noise((int)MathF.Floor(x * 1.5f), (int)MathF.Floor(y * 1.5f));
        }

        return color * light;
    }

    private float Cover(float u, float v) => Pattern switch
    {
        PaintPattern.Stripes => Stripe(u),
        PaintPattern.Checks => 0.5f * Stripe(u) + 0.5f * Stripe(v),
        PaintPattern.Grid => Math.Max(Stripe(u), Stripe(v)),
        _ => Dot(u, v),
    };

    /// <summary>Computes the coverage of a band with edges that are about one pixel soft, so that fine patterns do not alias.</summary>
    private float Stripe(float u)
    {
        float turns = u / Period;
        float away = MathF.Abs(turns - MathF.Round(turns)) * Period;
        return Math.Clamp(0.5f + Thickness / 2 - away, 0, 1);
    }

    private float Dot(float u, float v)
    {
        float row = MathF.Round(v / Period);
        float shift = ((int)row & 1) * 0.5f;
        float column = MathF.Round(u / Period - shift) + shift;
        float du = u - column * Period, dv = v - row * Period;
        return Math.Clamp(0.5f + Thickness / 2 - MathF.Sqrt(du * du + dv * dv), 0, 1);
    }

    private static float Noise(int x, int y)
    {
        uint hash = (uint)x * 0x9E3779B1u ^ (uint)y * 0x85EBCA77u;
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6Du;
        return ((hash >> 8) & 0xFFFF) * (2f / 65535) - 1;
    }
}
