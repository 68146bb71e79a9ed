namespace SimNet.Cli;

/// <summary>Draws a dress with a waist and a flared skirt.</summary>
internal static class DressDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        bool sleeves = style.Chance(0.35f), straps = !sleeves && style.Chance(0.5f);
        float bust = style.Range(15, 18), waist = style.Range(10.5f, 14), hem = style.Range(34, 59), flare = style.Range(18, 38);
        float neckline = style.Range(-46, -36), waistY = style.Range(-18, -10);
        Paint cloth = style.Cloth(shade: 0.2f, shadeRadius: 30, patternAngle: style.Chance(0.5f) ? 0 : MathF.PI / 2);

        if (sleeves)
        {
            Outline sleeve = Outline.From(13, -56).Curve(20, -54, 27, -44, 29, -34).Line(20, -30).Line(bust - 2, -38).Close();
            canvas.Fill(sleeve, cloth);
            canvas.Fill(sleeve.Mirrored(), cloth);
        }

        Outline body;
        if (straps)
        {
            var strap = new Paint(style.Dark);
            foreach (int side in (int[])[1, -1])
            {
                canvas.Fill(Outline.From(side * 8, -58).Curve(side * 10, -54, side * 11, -48, side * 11, -42).Stroke(2.2f), strap);
            }

            body = Outline.From(0, neckline + 4).Curve(4, neckline - 2, 8, neckline - 5, 12, neckline - 5)
                .Curve(14, neckline - 1, bust, -34, bust, -30);
        }
        else
        {
            canvas.Fill(Outline.Ellipse(0, -55, 8.5f, 3), new Paint(style.Dark));
            body = Outline.From(0, neckline).Curve(5, neckline, 8, -50, 8.5f, -57).Line(15, -55).Curve(14, -46, bust - 1, -40, bust, -32);
        }

        body.Curve(bust, -26, waist, waistY - 6, waist, waistY)
            .Curve(waist + 3, waistY + 14, flare - 5, hem - 20, flare, hem)
            .Curve(flare * 0.6f, hem + 4, flare * 0.3f, hem + 4.5f, 0, hem + 4.5f);
        canvas.Fill(body.CloseMirrored(), cloth);

        int folds = style.Pick([2, 3, 4]);
        for (int i = 0; i < folds; i++)
        {
            float at = (i + 0.5f) / folds;
            foreach (int side in (int[])[1, -1])
            {
                float top = side * waist * at * 0.9f, low = side * flare * at;
                canvas.Soft(
                    Outline.From(top, waistY + 3).Curve(top * 1.1f, waistY + 18, low * 0.95f, hem - 18, low, hem + 4),
                    3.5f,
                    ProductStyle.Black,
                    0.26f);
                canvas.Soft(
                    Outline.From(top + 1.5f, waistY + 8).Curve(top * 1.1f + 2, waistY + 20, low * 0.95f + 3, hem - 18, low + 3.5f, hem + 4),
                    2.5f,
                    ProductStyle.White,
                    0.16f);
            }
        }

        if (style.Chance(0.55f))
        {
            canvas.FillWithin(
                Outline.Box(0, waistY, 2 * waist + 6, style.Range(3, 6), 0), new Paint(style.Accent) { Shade = 0.3f, ShadeRadius = 16 });
        }
        else
        {
            canvas.FillWithin(
                Outline.From(-waist - 2, waistY).Curve(-4, waistY + 2, 4, waistY + 2, waist + 2, waistY).Stroke(1),
                new Paint(style.Seam),
                0.8f);
        }

        if (style.Chance(0.3f))
        {
            canvas.FillWithin(
                Outline.From(-flare, hem - 3).Curve(-flare * 0.5f, hem + 1, flare * 0.5f, hem + 1, flare, hem - 3).Stroke(4),
                new Paint(style.Accent),
                0.9f);
        }
    }
}
