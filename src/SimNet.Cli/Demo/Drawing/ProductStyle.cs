using System.Numerics;

namespace SimNet.Cli;

/// <summary>The style of a product: its colors, its pattern and the random choices for its shape.</summary>
internal sealed class ProductStyle
{
    public static readonly Vector3 Black = new(0.07f, 0.07f, 0.08f);
    public static readonly Vector3 White = new(0.97f, 0.97f, 0.96f);

    private static readonly (string Name, Vector3 Color)[] Metals =
    [
        ("steel", new(0.76f, 0.77f, 0.79f)),
        ("steel", new(0.76f, 0.77f, 0.79f)),
        ("gold", new(0.85f, 0.70f, 0.42f)),
        ("gunmetal", new(0.36f, 0.36f, 0.39f)),
    ];

    private SeededRandom _random;

    public ProductStyle(int seed, int index)
    {
        _random = new SeededRandom(seed, index);
        NamedColor main = Pick(NamedColor.All);
        ColorName = main.Name;
        float brightness = Range(0.93f, 1.07f);
        var tint = new Vector3(Range(-0.02f, 0.02f), Range(-0.02f, 0.02f), Range(-0.02f, 0.02f));
        Base = Vector3.Clamp(main.Value * brightness + tint, Vector3.Zero, Vector3.One);
        do
        {
            Accent = Pick(NamedColor.All).Value;
        }
        while (Math.Abs(Brightness(Accent) - Brightness(Base)) < 0.22f);
        (MetalName, Metal) = Pick(Metals);
    }

    /// <summary>The name of the main color.</summary>
    public string ColorName { get; set; }

    public string Pattern { get; set; } = "plain";

    public Vector3 Base { get; }

    /// <summary>The second color, clearly lighter or darker than the first.</summary>
    public Vector3 Accent { get; }

    public string MetalName { get; }

    /// <summary>The color of buckles and cases.</summary>
    public Vector3 Metal { get; }

    public Vector3 Dark => Base * 0.62f;

    public Vector3 Light => Vector3.Lerp(Base, White, 0.35f);

    /// <summary>The color of seams and thin lines, which contrasts with the fabric.</summary>
    public Vector3 Seam => Brightness(Base) < 0.25f ? Vector3.Lerp(Base, White, 0.28f) : Base * 0.6f;

    public float Range(float low, float high) => low + (high - low) * _random.NextSingle();

    public bool Chance(float probability) => _random.NextSingle() < probability;

    public T Pick<T>(ReadOnlySpan<T> choices) => choices[_random.NextInt32(choices.Length)];

    public T Pick<T>(T[] choices) => choices[_random.NextInt32(choices.Length)];

    /// <summary>Creates the paint of the fabric with its pattern.</summary>
    public Paint Cloth(float shade = 0.16f, float shadeRadius = 34, float patternAngle = 0)
    {
        Paint plain = new(Base)
        {
            Accent = Accent,
            Shade = shade,
            ShadeRadius = shadeRadius,
            Fall = 0.06f,
            Grain = 0.025f,
            Angle = patternAngle,
        };
        return Pattern switch
        {
            "striped" => plain with { Pattern = PaintPattern.Stripes, Period = Range(5, 12), Thickness = Range(1, 4) },
            "checked" => plain with
            {
                Pattern = Chance(0.6f) ? PaintPattern.Checks : PaintPattern.Grid,
                Period = Range(7, 13),
                Thickness = Range(1.2f, 4.5f),
            },
            "dotted" => plain with { Pattern = PaintPattern.Dots, Period = Range(6, 11), Thickness = Range(1.8f, 4) },
            _ => plain,
        };
    }

    private static float Brightness(Vector3 color) => Vector3.Dot(color, new Vector3(0.299f, 0.587f, 0.114f));
}
