namespace SimNet.Cli;

/// <summary>Draws a T-shirt with short sleeves, laid flat.</summary>
internal static class TShirtDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        float shoulder = style.Range(24, 29), waist = style.Range(22, 28), hem = style.Range(38, 50), sleeve = style.Range(-14, -2);
        float neck = style.Range(9, 13), depth = style.Chance(0.35f) ? style.Range(16, 22) : style.Range(7, 11);
        bool pointed = depth > 12;
        Paint cloth = style.Cloth(patternAngle: MathF.PI / 2);

        Outline sleeves = Outline.From(shoulder - 2, -40).Curve(shoulder + 8, -35, 42, -22, 45, sleeve - 4).Line(33, sleeve + 4)
            .Line(waist, -14).Close();
        Paint sleeveCloth = style.Pattern == "two-tone" ? cloth with { Color = style.Accent } : cloth;
        canvas.Fill(Outline.Ellipse(0, -43, neck, 5), new Paint(style.Dark));
        canvas.Fill(sleeves, sleeveCloth);
        canvas.Fill(sleeves.Mirrored(), sleeveCloth);

        Outline body = Outline.From(0, -44 + depth);
        body = pointed ? body.Line(neck, -45) : body.Curve(neck * 0.7f, -44 + depth, neck, -40, neck, -45);
        body = body.Curve(neck + 6, -43, shoulder - 6, -41, shoulder, -38)
            .Curve(shoulder + 2, -30, waist + 1, -22, waist, -12).Curve(waist - 1, 10, waist, hem - 20, waist + 1, hem)
            .Curve(14, hem + 2, 6, hem + 2, 0, hem + 2);
        canvas.Fill(body.CloseMirrored(), cloth);

        Print(canvas, style);
        var seam = new Paint(style.Seam);
        foreach (int side in (int[])[1, -1])
        {
            canvas.FillWithin(
                Outline.From(side * shoulder, -38).Curve(side * (shoulder + 2), -30, side * (waist + 1), -22, side * waist, -13)
                    .Stroke(0.9f),
                seam,
                0.8f);
            canvas.FillWithin(Outline.From(side * 44, sleeve - 7).Line(side * 32, sleeve + 1).Stroke(0.7f), seam, 0.6f);
            canvas.Soft(
                Outline.From(side * (waist - 2), -8).Curve(side * 14, 2, side * 12, 14, side * 16, 26), 5, ProductStyle.Black, 0.16f);
            canvas.Soft(
                Outline.From(side * 9, hem - 26).Curve(side * 7, hem - 14, side * 8, hem - 8, side * 9, hem), 4, ProductStyle.White, 0.10f);
        }

        Outline collar = Outline.From(-neck, -45);
        collar = pointed ? collar.Line(0, -44 + depth).Line(neck, -45)
            : collar.Curve(-neck, -40, -neck * 0.7f, -44 + depth, 0, -44 + depth).Curve(neck * 0.7f, -44 + depth, neck, -40, neck, -45);
        canvas.Fill(collar.Stroke(2.4f), new Paint(style.Pattern is "two-tone" or "printed" ? style.Accent : style.Dark));
        canvas.FillWithin(Outline.From(-waist - 1, hem - 2.5f).Line(waist + 1, hem - 2.5f).Stroke(0.7f), seam, 0.6f);
    }

    private static void Print(Canvas canvas, ProductStyle style)
    {
        if (style.Pattern != "printed")
        {
            return;
        }

        var ink = new Paint(style.Accent) { Fall = 0.05f };
        float y = style.Range(-8, 4), size = style.Range(8, 14);
        switch (style.Pick([0, 1, 2, 3]))
        {
            case 0:
                canvas.FillWithin(Outline.Ellipse(0, y, size, size), ink);
                canvas.FillWithin(Outline.Ellipse(size * 0.3f, y - size * 0.2f, size * 0.55f, size * 0.55f), new Paint(style.Base));
                break;
            case 1:
                canvas.FillWithin(Outline.Box(0, y, size * 2, size * 1.5f, 2), ink);
                canvas.FillWithin(
                    Outline.From(-size + 2, y + size * 0.6f).Line(-size * 0.2f, y - size * 0.4f).Line(size * 0.3f, y + size * 0.2f)
                        .Line(size * 0.6f, y - size * 0.1f).Line(size - 2, y + size * 0.6f).Close(),
                    new Paint(style.Dark));
                break;
            case 2:
                for (int line = 0; line < 3; line++)
                {
                    float half = size * (line == 1 ? 0.7f : 1.1f);
                    canvas.FillWithin(Outline.Box(0, y + (line - 1) * 7, half * 2, 3.6f, 1), ink);
                }

                break;
            default:
                var star = new float[20];
                for (int i = 0; i < 10; i++)
                {
                    (float sin, float cos) = MathF.SinCos(i * MathF.PI / 5);
                    float radius = size * (i % 2 == 0 ? 1.15f : 0.5f);
                    (star[2 * i], star[2 * i + 1]) = (sin * radius, y - cos * radius);
                }

                canvas.FillWithin(Outline.Polygon(star), ink);
                break;
        }
    }
}
