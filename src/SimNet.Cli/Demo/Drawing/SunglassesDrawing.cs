using System.Numerics;

namespace SimNet.Cli;

/// <summary>Draws sunglasses from the front, with folded temples.</summary>
internal static class SunglassesDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        float width = style.Range(15, 18), height = style.Range(11, 16), gap = style.Range(3, 5.5f);
        bool wire = style.Pattern is "aviator" || (style.Pattern == "round" && style.Chance(0.5f));
        float rim = wire ? style.Range(1.6f, 2.2f) : style.Range(3, 5.5f);
        Vector3 frame = wire ? Vector3.Lerp(style.Metal, style.Base, 0.75f) : style.Base;
        float center = gap + width;
        Outline lens = Lens(style, center, width, height);
        Vector3 tint = style.Chance(0.6f) ? new Vector3(0.13f, 0.13f, 0.15f) : style.Accent * 0.45f;
        Paint glass = new(tint) { Fall = -style.Range(1.5f, 5f), Shade = -0.2f };
        var framePaint = new Paint(frame) { Fall = 0.5f };
        var armPaint = new Paint(frame * 0.8f) { Fall = 0.5f };

        float bridgeY = -height * 0.35f;
        foreach (int side in (int[])[1, -1])
        {
            float x = side * (center + width);
            canvas.Fill(
                Outline.From(x - side, -height * 0.5f)
                    .Curve(x + side * 3, -height * 0.6f, x + side * 4, -height * 0.5f, x + side * 3, height * 1.4f).Stroke(wire ? 1.8f : 3),
                armPaint);
        }

        canvas.Fill(
            Outline.From(-gap - 1.5f, bridgeY + 2).Curve(-gap * 0.4f, bridgeY - 3, gap * 0.4f, bridgeY - 3, gap + 1.5f, bridgeY + 2)
                .Stroke(rim * 0.9f),
            framePaint);
        if (style.Pattern == "aviator")
        {
            canvas.Fill(
                Outline.From(-center + 2, -height - 0.5f).Curve(-6, -height - 2, 6, -height - 2, center - 2, -height - 0.5f).Stroke(rim),
                framePaint);
        }

        foreach (Outline half in (Outline[])[lens, lens.Mirrored()])
        {
            canvas.Fill(half, glass);
            canvas.Fill(half.Border(rim), framePaint);
            canvas.FillWithin(half.Border(rim * 0.3f), new Paint(Vector3.Lerp(frame, ProductStyle.White, 0.35f)), 0.5f);
        }

        foreach (int side in (int[])[0, 1])
        {
            float x = (side == 0 ? -center : center) - width * 0.3f;
            canvas.Soft(Outline.From(x - 2, height * 0.35f).Line(x + 5, -height * 0.5f), 3.5f, ProductStyle.White, 0.55f);
        }
    }

    private static Outline Lens(ProductStyle style, float x, float w, float h) => style.Pattern switch
    {
        "round" => Outline.Ellipse(x, 0, w * 0.92f, w * 0.92f),
        "square" => Outline.Box(x, 0, w * 2, h * 1.75f, style.Range(3, 7)),
        "aviator" => Outline.From(x - w, -h * 0.5f).Curve(x - w, -h, x - w * 0.4f, -h, x, -h)
            .Curve(x + w * 0.7f, -h, x + w, -h * 0.9f, x + w, -h * 0.3f)
            .Curve(x + w, h * 0.7f, x + w * 0.4f, h * 1.25f, x, h * 1.2f)
            .Curve(x - w * 0.6f, h * 1.15f, x - w * 0.9f, h * 0.3f, x - w, -h * 0.5f).Close(),
        _ => Outline.From(x - w, -h * 0.2f).Curve(x - w * 0.8f, -h * 0.8f, x, -h * 0.75f, x + w * 0.4f, -h * 0.95f)
            .Line(x + w * 1.12f, -h * 1.15f)
            .Curve(x + w * 1.1f, h * 0.3f, x + w * 0.5f, h * 0.85f, x, h * 0.85f)
            .Curve(x - w * 0.7f, h * 0.85f, x - w, h * 0.3f, x - w, -h * 0.2f).Close(),
    };
}
