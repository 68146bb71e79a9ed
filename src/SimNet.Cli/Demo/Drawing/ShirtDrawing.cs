namespace SimNet.Cli;

/// <summary>Draws a buttoned shirt with a collar and long sleeves.</summary>
internal static class ShirtDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        float shoulder = style.Range(23, 27), waist = style.Range(20, 25), hem = style.Range(44, 52), cuff = style.Range(30, 42);
        float reach = style.Range(36, 43);
        Paint cloth = style.Cloth();

        Outline sleeve = Outline.From(shoulder - 2, -42).Curve(shoulder + 7, -39, reach - 4, -20, reach, 0).Line(reach + 2, cuff)
            .Line(reach - 8, cuff + 1).Curve(reach - 10, 10, waist + 3, -10, waist - 2, -22).Close();
        Outline cuffs = Outline.Polygon(reach + 2.4f, cuff - 6, reach + 2.6f, cuff + 2, reach - 8.6f, cuff + 3, reach - 8.4f, cuff - 5);
        Paint sleeveCloth = cloth with { ShadeCenter = 0, Shade = 0.1f, ShadeRadius = 48 };
        foreach (bool left in (bool[])[false, true])
        {
            canvas.Fill(left ? sleeve.Mirrored() : sleeve, sleeveCloth);
            canvas.Fill(left ? cuffs.Mirrored() : cuffs, cloth with { Fall = 0.14f });
        }

        canvas.Fill(Outline.Ellipse(0, -46, 10, 5), new Paint(style.Dark));
        Outline body = Outline.From(0, -38).Line(9, -48).Curve(14, -46, shoulder - 5, -44, shoulder, -41)
            .Curve(shoulder - 2, -30, waist, -22, waist, -12).Curve(waist - 1.5f, 6, waist, 20, waist + 1, hem - 7)
            .Curve(waist - 3, hem, 10, hem + 3, 0, hem + 3);
        canvas.Fill(body.CloseMirrored(), cloth);

        var seam = new Paint(style.Seam);
        foreach (int side in (int[])[1, -1])
        {
            canvas.FillWithin(
                Outline.From(side * shoulder, -41).Curve(side * (shoulder - 2), -30, side * waist, -22, side * waist, -12)
                    .Line(side * (waist + 0.5f), hem - 8).Stroke(1.1f),
                seam,
                0.85f);
            canvas.Soft(
                Outline.From(side * (waist - 1), -14).Curve(side * 14, -6, side * 11, 8, side * 13, 24), 5, ProductStyle.Black, 0.15f);
            canvas.Soft(Outline.From(side * (reach - 6), -6).Line(side * (reach - 3), 24), 4, ProductStyle.Black, 0.14f);
        }

        canvas.FillWithin(Outline.Box(0, 8, 6, 96, 0), cloth with { Shade = 0, Fall = 0.02f }, 0.7f);
        canvas.FillWithin(Outline.From(3, -38).Line(3, hem + 3).Stroke(0.8f), seam, 0.9f);
        canvas.FillWithin(Outline.From(-3, -38).Line(-3, hem + 3).Stroke(0.5f), seam, 0.6f);
        var button = new Paint(style.Chance(0.6f) ? ProductStyle.White : style.Dark);
        for (float y = -31; y < hem - 6; y += 12)
        {
            canvas.Fill(Outline.Ellipse(0, y, 1.6f, 1.6f), new Paint(style.Seam));
            canvas.Fill(Outline.Ellipse(0, y, 1.2f, 1.2f), button);
        }

        Pockets(canvas, style, cloth, seam);
        Outline collar = Outline.Polygon(9.5f, -50, 0.5f, -37.5f, 8, -31, 14.5f, -44);
        bool contrast = style.Chance(0.2f);
        Paint collarCloth = contrast ? new Paint(style.Accent) : cloth with { Fall = -0.12f };
        foreach (Outline half in (Outline[])[collar, collar.Mirrored()])
        {
            canvas.Fill(half, collarCloth);
            canvas.FillWithin(half.Border(0.8f), seam, 0.9f);
        }
    }

    private static void Pockets(Canvas canvas, ProductStyle style, Paint cloth, Paint seam)
    {
        int pockets = style.Pick([0, 1, 1, 2]);
        for (int i = 0; i < pockets; i++)
        {
            float x = i == 0 ? 12 : -12;
            Outline pocket = Outline.Polygon(x - 5.5f, -18, x + 5.5f, -18, x + 5.5f, -7, x, -4, x - 5.5f, -7);
            canvas.FillWithin(pocket, cloth with { Fall = 0 }, 0.6f);
            canvas.FillWithin(pocket.Border(0.8f), seam, 0.85f);
        }
    }
}
