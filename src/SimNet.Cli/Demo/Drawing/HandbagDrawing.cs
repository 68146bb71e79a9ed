using System.Numerics;

namespace SimNet.Cli;

/// <summary>Draws a handbag: a tote with two handles, or a satchel with a flap and one handle.</summary>
internal static class HandbagDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        bool satchel = style.Chance(0.5f);
        float top = style.Range(22, 32), bottom = top + style.Range(2, 10), upper = style.Range(-18, -2), lower = style.Range(36, 48);
        float round = style.Range(2, 9), rise = style.Range(24, 36), grip = top * style.Range(0.45f, 0.75f);
        Paint leather = new(style.Base) { Shade = 0.2f, ShadeRadius = 38, Fall = 0.12f, Grain = 0.02f };
        Vector3 trimColor = style.Pattern == "two-tone" ? style.Accent : style.Dark;
        var trim = new Paint(trimColor) { Shade = 0.15f };

        Outline Handle(float lift, float inset) => Outline.From(-grip + inset, upper + 3)
            .Curve(-grip + inset, upper - lift * 1.3f, grip - inset, upper - lift * 1.3f, grip - inset, upper + 3);
        if (!satchel)
        {
            canvas.Fill(Handle(rise + 3, 2).Stroke(3), new Paint(trimColor * 0.75f));
        }

        Outline body = Outline.From(0, upper).Line(top - 3, upper).Curve(top, upper, top, upper + 1, top, upper + 4)
            .Line(bottom, lower - round).Curve(bottom, lower, bottom - round * 0.6f, lower, bottom - round, lower).Line(0, lower);
        Paint bodyPaint = style.Pattern == "quilted"
            ? leather with
            {
                Pattern = PaintPattern.Grid,
                Accent = style.Seam,
                Period = style.Range(8, 11),
                Thickness = 0.9f,
                Angle = MathF.PI / 4,
            }
            : leather;
        canvas.Fill(body.CloseMirrored(), bodyPaint);
        canvas.Soft(Outline.From(-top * 0.55f, upper + 6).Line(-bottom * 0.6f, lower - 6), 7, ProductStyle.White, 0.2f);
        canvas.FillWithin(Outline.Box(0, lower - 1.5f, 90, 5, 0), trim, 0.9f);

        var seam = new Paint(style.Seam);
        if (satchel)
        {
            float drop = style.Range(16, 26);
            Outline flap = Outline.From(0, upper - 1).Line(top - 2, upper - 1)
                .Curve(top + 1.5f, upper, top + 1, upper + 4, top + 1.5f, upper + drop * 0.5f)
                .Curve(top, upper + drop, top * 0.5f, upper + drop + 2, 0, upper + drop + 3);
            canvas.Soft(
                Outline.From(-top, upper + drop).Curve(-top * 0.5f, upper + drop + 6, top * 0.5f, upper + drop + 6, top, upper + drop),
                6,
                ProductStyle.Black,
                0.4f);
            flap.CloseMirrored();
            canvas.Fill(flap, style.Pattern == "two-tone" ? trim : leather with { Fall = 0.04f });
            canvas.FillWithin(flap.Border(1), seam, 0.9f);
            canvas.Fill(Outline.Box(0, upper + drop + 2, 9, 7, 1.5f), new Paint(style.Metal * 0.7f));
            canvas.Fill(Outline.Box(0, upper + drop + 1.6f, 7.6f, 5.6f, 1.2f), new Paint(style.Metal) { Fall = 0.3f });
            canvas.Fill(Handle(rise * 0.7f, 4).Stroke(4.4f), trim);
            canvas.FillWithin(Handle(rise * 0.7f, 4).Stroke(0.8f), new Paint(Vector3.Lerp(trimColor, ProductStyle.White, 0.3f)), 0.8f);
        }
        else
        {
            canvas.FillWithin(Outline.From(-50, upper + 4).Line(50, upper + 4).Stroke(0.9f), seam, 0.9f);
            canvas.Fill(Handle(rise, 0).Stroke(3.4f), trim);
            foreach (int side in (int[])[1, -1])
            {
                canvas.Fill(Outline.Box(side * grip, upper + 7, 5.5f, 12, 1.5f), trim);
                canvas.Fill(Outline.Ellipse(side * grip, upper + 10, 1.2f, 1.2f), new Paint(style.Metal));
            }

            if (style.Chance(0.6f))
            {
                canvas.Fill(
                    Outline.Box(0, (upper + lower) / 2, style.Range(8, 14), style.Range(4, 7), 1), new Paint(style.Metal) { Fall = 0.3f });
            }
        }

        foreach (int side in (int[])[1, -1])
        {
            canvas.FillWithin(
                Outline.From(side * (top - 2.5f), upper + 4).Line(side * (bottom - 2.5f), lower - 5).Stroke(0.7f), seam, 0.7f);
        }
    }
}
