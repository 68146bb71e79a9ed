namespace SimNet.Cli;

/// <summary>Draws a cap with a brim from the side.</summary>
internal static class CapDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        bool left = style.Chance(0.7f);
        float crown = style.Range(24, 34), half = style.Range(25, 30), brim = style.Range(18, 24), bow = style.Range(4, 11);
        Paint cloth = new(style.Base) { Shade = 0.22f, ShadeRadius = 32, Fall = 0.25f, Grain = 0.03f };
        Paint second = style.Pattern == "two-tone" ? cloth with { Color = style.Accent } : cloth;
        Outline Turn(Outline outline) => left ? outline : outline.Mirrored();
        const float Base = 16;
        float x = 9;

        canvas.Fill(
            Turn(Outline.From(x - half, Base).Curve(x - half - 1, Base - crown * 0.9f, x - half * 0.6f, Base - crown, x, Base - crown)
                .Curve(x + half * 0.7f, Base - crown, x + half + 1, Base - crown * 0.7f, x + half, Base + 1)
                .Curve(x + half * 0.5f, Base + 5, x - half * 0.4f, Base + 5, x - half, Base).Close()),
            cloth);
        if (style.Pattern == "two-tone" && style.Chance(0.5f))
        {
            canvas.FillWithin(
                Turn(Outline.From(x - 6, Base + 6)
                    .Curve(x - 8, Base - crown * 0.5f, x - 4, Base - crown * 0.8f, x, Base - crown - 1).Line(x - 50, Base - crown)
                    .Line(x - 50, Base + 6).Close()),
                second);
        }

        var seam = new Paint(style.Seam);
        canvas.FillWithin(
            Turn(Outline.From(x, Base - crown).Curve(x - 6, Base - crown * 0.8f, x - 9, Base - crown * 0.4f, x - 7, Base + 5).Stroke(0.9f)),
            seam,
            0.9f);
        canvas.FillWithin(
            Turn(Outline.From(x, Base - crown)
                .Curve(x + 10, Base - crown * 0.85f, x + 15, Base - crown * 0.4f, x + 14, Base + 5).Stroke(0.9f)),
            seam,
            0.9f);
        canvas.Soft(
            Turn(Outline.From(x - half * 0.6f, Base - 6)
                .Curve(x - half * 0.7f, Base - crown * 0.6f, x - half * 0.5f, Base - crown * 0.8f, x - 4, Base - crown + 4)),
            7,
            ProductStyle.White,
            0.25f);
        canvas.Fill(Turn(Outline.Ellipse(x, Base - crown, 3, 1.8f)), second);
        canvas.Fill(Turn(Outline.Ellipse(x + 2, Base - crown * 0.62f, 1.1f, 1.1f)), seam);
        if (style.Pattern == "embroidered")
        {
            float size = style.Range(5, 8);
            Outline badge = style.Chance(0.5f)
                ? Outline.Ellipse(x - half * 0.55f, Base - crown * 0.45f, size * 0.8f, size)
                : Outline.Box(x - half * 0.55f, Base - crown * 0.45f, size * 1.6f, size * 1.7f, 1.5f);
            canvas.FillWithin(Turn(badge), new Paint(style.Accent));
            canvas.FillWithin(
                Turn(Outline.Box(x - half * 0.55f, Base - crown * 0.45f, size * 0.8f, size * 0.4f, 0.5f)), new Paint(style.Base));
        }

        canvas.FillWithin(
            Turn(Outline.From(x - half, Base)
                .Curve(x - half * 0.4f, Base + 4.5f, x + half * 0.5f, Base + 4.5f, x + half, Base + 1).Stroke(2)),
            new Paint(style.Dark),
            0.9f);
        canvas.Fill(
            Turn(Outline.From(x - half + 1, Base - 4)
                .Curve(x - half - brim * 0.5f, Base - 3, x - half - brim, Base + bow * 0.5f, x - half - brim, Base + bow)
                .Curve(x - half - brim * 0.6f, Base + bow * 0.7f, x - half + 4, Base + bow * 0.6f, x - 4, Base + 5)
                .Curve(x - half * 0.5f, Base + 3, x - half, Base, x - half + 1, Base - 4).Close()),
            second with { Fall = 0.5f });
        canvas.FillWithin(
            Turn(Outline.From(x - half - brim + 2, Base + bow - 1.5f)
                .Curve(x - half - brim * 0.6f, Base + bow * 0.5f - 1, x - half + 4, Base + bow * 0.4f, x - 8, Base + 3).Stroke(0.7f)),
            seam,
            0.7f);
    }
}
