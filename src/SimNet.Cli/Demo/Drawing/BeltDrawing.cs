using System.Numerics;

namespace SimNet.Cli;

/// <summary>Draws a closed belt, seen slightly from above: a ring with the buckle in front.</summary>
internal static class BeltDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        float wide = style.Range(36, 42), deep = style.Range(12, 19), band = style.Range(9, 15);
        float top = -band / 2 - 2;
        Paint leather = new(style.Base) { Shade = 0.3f, ShadeRadius = 40, Fall = 0.2f, Grain = 0.02f };
        if (style.Pattern == "braided")
        {
            leather = leather with
            {
                Pattern = PaintPattern.Grid,
                Accent = style.Dark * 0.8f,
                Period = style.Range(3.6f, 5),
                Thickness = 0.9f,
                Angle = 0.8f,
            };
        }

        // The back half shows the inner side, the front half the outer side.
        Outline Half(float depth, float shift) => Outline.From(0, top + depth + shift)
            .Curve(wide * 0.55f, top + depth + shift, wide, top + depth * 0.55f + shift, wide, top + shift)
            .Line(wide, top + shift + band)
            .Curve(wide, top + depth * 0.55f + shift + band, wide * 0.55f, top + depth + shift + band, 0, top + depth + shift + band);
        canvas.Fill(
            Half(-deep, 0).CloseMirrored(),
            new Paint(Vector3.Lerp(style.Dark, new Vector3(0.45f, 0.36f, 0.28f), 0.35f)) { Fall = -0.4f, Shade = 0.2f });
        Outline front = Half(deep, 0).CloseMirrored();
        canvas.Fill(front, leather);

        Outline Along(float offset) => Outline.From(-wide, top + offset)
            .Curve(-wide, top + deep * 0.55f + offset, -wide * 0.55f, top + deep + offset, 0, top + deep + offset)
            .Curve(wide * 0.55f, top + deep + offset, wide, top + deep * 0.55f + offset, wide, top + offset);
        var thread = new Paint(style.Pattern == "stitched" ? style.Accent : style.Seam);
        canvas.Soft(Along(band * 0.35f), band * 0.35f, ProductStyle.White, 0.22f);
        float strength = style.Pattern == "stitched" ? 1 : 0.7f;
        canvas.FillWithin(Along(1.6f).Stroke(0.8f), thread, strength);
        canvas.FillWithin(Along(band - 1.6f).Stroke(0.8f), thread, strength);

        Buckle(canvas, style, top + deep + band / 2, band);
    }

    private static void Buckle(Canvas canvas, ProductStyle style, float y, float band)
    {
        float height = band + style.Range(4, 7), width = height * style.Range(0.85f, 1.3f), bar = style.Range(2.2f, 3.4f);
        var hole = new Paint(ProductStyle.Black);
        for (int i = 0; i < 4; i++)
        {
            float x = width / 2 + 4 + i * 5;
            canvas.FillWithin(Outline.Ellipse(x, y - 0.012f * x * x, 0.9f, 0.9f), hole, 0.9f);
        }

        var metal = new Paint(style.Metal) { Fall = 1.2f };
        Outline frame = style.Chance(0.6f)
            ? Outline.Box(0, y, width, height, style.Range(1, 5))
                .Without(Outline.Box(0, y, width - 2 * bar, height - 2 * bar, style.Range(1, 3)))
            : Outline.Ellipse(0, y, width * 0.58f, height / 2).Without(Outline.Ellipse(0, y, width * 0.58f - bar, height / 2 - bar));
        canvas.Fill(Outline.From(-width / 2, y + 1).Line(width / 2, y + 1).Stroke(1), new Paint(ProductStyle.Black), 0.3f);
        canvas.Fill(frame, metal);
        canvas.Fill(Outline.From(-width / 2 + 1, y).Line(width / 2 - 0.5f, y).Stroke(1.9f), metal);
        float loop = -width / 2 - 6;
        canvas.Fill(Outline.Box(loop, y - 0.012f * loop * loop, 4.5f, band + 2, 1), new Paint(style.Dark));
    }
}
