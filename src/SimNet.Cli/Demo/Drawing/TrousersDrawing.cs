namespace SimNet.Cli;

/// <summary>Draws jeans or trousers from the front.</summary>
internal static class TrousersDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        float waist = style.Range(14, 17), hip = style.Range(18, 22), ankle = style.Range(5, 11), spread = style.Range(10, 16);
        bool cropped = style.Chance(0.2f);
        float hem = cropped ? style.Range(4, 16) : style.Range(54, 59);
        float crotch = style.Range(-24, -19), knee = cropped ? hem - 8 : 14;
        Paint cloth = style.Cloth(shade: 0.14f, shadeRadius: 26);
        if (style.Pattern == "striped")
        {
            cloth = cloth with { Period = style.Range(4, 6), Thickness = 0.6f };
        }

        float width = cropped ? 9 : ankle;
        float outer = spread + width / 2 + (cropped ? 3 : 0), inner = spread - width / 2 - (cropped ? 5 : 0);
        Outline legs = Outline.From(0, -57).Line(waist, -58).Curve(waist + 1, -50, hip, -42, hip, -32)
            .Curve(hip + 0.5f, -14, outer + 3, knee - 6, outer, hem).Line(inner, hem + 1)
            .Curve(inner - 0.5f, knee, 2.5f, -8, 0, crotch);
        canvas.Fill(legs.CloseMirrored(), cloth);

        var seam = new Paint(style.Seam);
        foreach (int side in (int[])[1, -1])
        {
            if (style.Pattern == "faded")
            {
                canvas.Soft(
                    Outline.From(side * 9, -34).Curve(side * 11, -18, side * (spread - 1), 0, side * spread, hem * 0.6f),
                    10,
                    ProductStyle.White,
                    0.5f);
            }

            canvas.Soft(
                Outline.From(side * (hip - 2), -36).Curve(side * (hip - 2), -10, side * (outer - 1), knee, side * (outer - 1), hem),
                4,
                ProductStyle.Black,
                0.28f);
            canvas.Soft(
                Outline.From(side * 2, crotch + 2).Curve(side * 4, -6, side * (inner + 1), knee, side * (inner + 1), hem),
                4,
                ProductStyle.Black,
                0.3f);
            canvas.FillWithin(
                Outline.From(side * (waist - 4), -53).Curve(side * (waist - 3), -47, side * (waist + 1), -45, side * (hip + 1), -44)
                    .Stroke(0.9f),
                seam,
                0.95f);
            canvas.FillWithin(
                Outline.From(side * 0, crotch).Curve(side * 4, crotch - 2, side * 8, crotch - 3, side * 11, crotch - 6).Stroke(0.7f),
                seam,
                0.5f);
            canvas.FillWithin(Outline.From(side * (inner - 2), hem - 3).Line(side * (outer + 2), hem - 4).Stroke(0.8f), seam, 0.7f);
            canvas.FillWithin(Outline.Box(side * waist * 0.55f, -55.5f, 2, 7, 0.4f), new Paint(style.Dark));
        }

        canvas.FillWithin(Outline.From(-20, -53).Curve(-8, -52, 8, -52, 20, -53).Stroke(1), seam, 0.9f);
        canvas.FillWithin(Outline.From(0, -53).Line(0, crotch).Stroke(0.9f), seam, 0.9f);
        canvas.FillWithin(Outline.From(4, -52).Line(4, -40).Curve(4, -36, 2, -33, 0, -32).Stroke(0.7f), seam, 0.8f);
        canvas.Fill(Outline.Ellipse(0, -55.2f, 1.5f, 1.5f), new Paint(style.Metal));
        if (style.Chance(0.18f))
        {
            foreach (int side in (int[])[1, -1])
            {
                canvas.FillWithin(Outline.Box(side * (hip - 4), -6, 9, 12, 1), cloth with { Fall = -0.1f, Shade = 0 });
                canvas.FillWithin(Outline.Box(side * (hip - 4), -6, 9, 12, 1).Border(0.8f), seam, 0.9f);
                canvas.FillWithin(Outline.From(side * (hip - 8.5f), -9).Line(side * (hip + 0.5f), -9).Stroke(0.8f), seam, 0.9f);
            }
        }
    }
}
