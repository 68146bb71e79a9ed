using System.Numerics;

namespace SimNet.Cli;

/// <summary>Draws a wristwatch from the front, with a vertical strap.</summary>
internal static class WatchDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        float radius = style.Range(17, 24), strap = radius * style.Range(0.5f, 0.68f);
        float end = strap * style.Range(0.7f, 0.95f), length = style.Range(52, 61);
        bool square = style.Chance(0.25f);
        float bezel = style.Range(2, 5);
        Strap(canvas, style, radius, strap, end, length);

        Outline Face(float size) => square ? Outline.Box(0, 0, size * 1.8f, size * 1.95f, 4) : Outline.Ellipse(0, 0, size, size);
        var casing = new Paint(style.Metal) { Fall = 0.6f, Shade = 0.2f, ShadeRadius = 30 };
        float edge = square ? radius * 0.9f : radius;
        canvas.Fill(Outline.Box(edge + 1, 0, 4, 5, 1), new Paint(style.Metal * 0.8f));
        canvas.Fill(Face(radius), casing);
        canvas.FillWithin(Face(radius).Border(0.8f), new Paint(style.Metal * 0.6f), 0.8f);

        bool dark = style.Chance(0.5f);
        Vector3 dial = style.Chance(0.4f) ? style.Accent : dark ? new Vector3(0.10f, 0.11f, 0.14f) : new Vector3(0.95f, 0.94f, 0.91f);
        Vector3 marks = dial.X + dial.Y + dial.Z > 1.5f ? new Vector3(0.12f, 0.12f, 0.14f) : new Vector3(0.93f, 0.93f, 0.9f);
        float inner = radius - bezel;
        canvas.Fill(Face(inner), new Paint(dial) { Fall = -0.4f });
        canvas.FillWithin(Face(inner).Border(0.7f), new Paint(style.Metal * 0.5f), 0.7f);
        Dial(canvas, style, inner * (square ? 0.86f : 1), marks);
        canvas.Soft(Outline.From(-inner * 0.55f, -inner * 0.1f).Line(inner * 0.05f, -inner * 0.65f), 5, ProductStyle.White, 0.2f);
    }

    private static void Strap(Canvas canvas, ProductStyle style, float radius, float strap, float end, float length)
    {
        bool metal = style.Pattern == "metal bracelet";
        Vector3 color = metal ? style.Metal : style.Base;
        Paint band = new(color) { Shade = 0.35f, ShadeRadius = strap * 1.1f, Fall = 0.05f };
        if (metal)
        {
            style.ColorName = style.MetalName;
            band = band with
            {
                Pattern = PaintPattern.Stripes,
                Angle = MathF.PI / 2,
                Accent = style.Metal * 0.5f,
                Period = style.Range(4, 6),
                Thickness = 0.9f,
            };
        }

        foreach (int side in (int[])[1, -1])
        {
            Outline piece = Outline.From(-strap, side * radius * 0.6f).Line(-end, side * (length - 3))
                .Curve(-end, side * length, -end * 0.6f, side * (length + 1), 0, side * (length + 1))
                .Curve(end * 0.6f, side * (length + 1), end, side * length, end, side * (length - 3)).Line(strap, side * radius * 0.6f)
                .Close();
            canvas.Fill(piece, band);
            canvas.Soft(Outline.From(-strap, side * (radius + 1)).Line(strap, side * (radius + 1)), 4, ProductStyle.Black, 0.45f);
            if (style.Pattern == "leather strap")
            {
                canvas.FillWithin(
                    Outline.From(-strap + 2, side * radius).Line(-end + 2, side * (length - 4)).Stroke(0.7f), new Paint(style.Light), 0.9f);
                canvas.FillWithin(
                    Outline.From(strap - 2, side * radius).Line(end - 2, side * (length - 4)).Stroke(0.7f), new Paint(style.Light), 0.9f);
            }
            else if (metal)
            {
                canvas.FillWithin(
                    Outline.From(-strap * 0.4f, side * radius).Line(-end * 0.4f, side * length).Stroke(0.7f),
                    new Paint(style.Metal * 0.5f),
                    0.8f);
                canvas.FillWithin(
                    Outline.From(strap * 0.4f, side * radius).Line(end * 0.4f, side * length).Stroke(0.7f),
                    new Paint(style.Metal * 0.5f),
                    0.8f);
            }
        }

        for (int i = 0; i < 4 && !metal; i++)
        {
            canvas.Fill(Outline.Ellipse(0, length - 6 - i * 5, 1, 1), new Paint(ProductStyle.Black), 0.8f);
        }
    }

    private static void Dial(Canvas canvas, ProductStyle style, float radius, Vector3 marks)
    {
        var ink = new Paint(marks);
        if (style.Chance(0.35f))
        {
            foreach (Vector2 at in (Vector2[])[new(-0.42f, 0), new(0.42f, 0), new(0, 0.42f)])
            {
                canvas.FillWithin(Outline.Ellipse(at.X * radius, at.Y * radius, radius * 0.24f, radius * 0.24f).Border(0.8f), ink, 0.6f);
            }
        }

        int step = style.Pick([1, 1, 3]);
        float thickness = style.Range(1, 1.9f);
        for (int hour = 0; hour < 12; hour += step)
        {
            (float sin, float cos) = MathF.SinCos(hour * MathF.PI / 6);
            canvas.FillWithin(
                Outline.From(sin * radius * 0.9f, cos * radius * 0.9f).Line(sin * radius * 0.74f, cos * radius * 0.74f)
                    .Stroke(hour % 3 == 0 ? thickness * 1.3f : thickness),
                ink);
        }

        // About ten past ten, as in advertisements.
        (float, float, float)[] hands =
            [(-0.87f + style.Range(-0.1f, 0.1f), 0.5f, 1.9f), (1.05f + style.Range(-0.15f, 0.15f), 0.72f, 1.4f)];
        foreach ((float angle, float length, float width) in hands)
        {
            (float sin, float cos) = MathF.SinCos(angle);
            canvas.FillWithin(Outline.From(0, 0).Line(sin * radius * length, -cos * radius * length).Stroke(width), ink);
        }

        canvas.FillWithin(Outline.Ellipse(0, 0, 1.6f, 1.6f), ink);
    }
}
