using System.Numerics;

namespace SimNet.Cli;

/// <summary>Draws a laced shoe from the side, low or ankle-high.</summary>
internal static class ShoeDrawing
{
    public static void Draw(Canvas canvas, ProductStyle style)
    {
        float facing = style.Chance(0.8f) ? 1 : -1;
        float ankle = style.Chance(0.3f) ? style.Range(-38, -30) : style.Range(-20, -13);
        float sole = style.Range(4, 9), toe = style.Range(3, 10), lift = style.Range(0, 4);
        const float Ground = 26;
        float upper = Ground - sole;
        Vector3 soleColor = style.Chance(0.65f) ? new Vector3(0.90f, 0.89f, 0.86f)
            : style.Chance(0.5f) ? style.Accent : new Vector3(0.2f, 0.2f, 0.21f);
        Paint leather = new(style.Base) { Fall = 0.35f, Grain = 0.03f };
        Vector3 second = style.Pattern == "plain" ? style.Dark : style.Accent;
        Outline Turn(Outline outline) => facing > 0 ? outline : outline.Mirrored();
        Outline From(float x, float y) => Outline.From(x, y);

        canvas.Fill(
            Turn(From(-10, ankle + 5).Curve(-6, ankle - 4, 4, ankle - 6, 6, ankle - 3).Line(8, ankle + 10).Line(-4, 2).Close()),
            new Paint(second * 0.85f));
        canvas.Fill(
            Turn(From(27, ankle - 2).Curve(32, ankle - 1, 30, 2, 33, 12).Line(34, upper + 2).Line(-42, upper + 2)
                .Curve(-46, upper - toe, -36, upper - 12, -27, upper - 15).Curve(-18, upper - 19, -12, ankle + 12, -8, ankle + 4)
                .Curve(2, ankle + 5, 10, ankle + 5, 15, ankle + 3).Curve(20, ankle + 3, 24, ankle, 27, ankle - 2).Close()),
            leather);
        canvas.Soft(Turn(From(-36, upper - 8).Curve(-24, upper - 14, -14, upper - 18, -4, upper - 16)), 6, ProductStyle.White, 0.3f);

        if (style.Pattern == "two-tone")
        {
            canvas.FillWithin(
                Turn(From(-46, upper + 2)
                    .Curve(-46, upper - 10, -38, upper - 12, -30, upper - 15).Curve(-25, upper - 8, -26, upper - 2, -28, upper + 2)
                    .Close()),
                new Paint(style.Accent) { Fall = 0.35f });
            canvas.FillWithin(
                Turn(From(36, upper + 2).Line(36, -2).Curve(28, 0, 22, 8, 20, upper + 2).Close()),
                new Paint(style.Accent) { Fall = 0.35f });
        }
        else if (style.Pattern == "striped")
        {
            float band = style.Range(2.4f, 4);
            for (int i = 0; i < 2; i++)
            {
                float y = upper - 3 - i * (band + 2.6f);
                canvas.FillWithin(Turn(From(-24, y).Curve(-8, y + 1, 12, y - 1, 38, y - 6).Stroke(band)), new Paint(style.Accent));
            }
        }
        else
        {
            canvas.FillWithin(
                Turn(From(-30, upper - 14).Curve(-24, upper - 8, -24, upper - 4, -26, upper + 2).Stroke(1)), new Paint(style.Seam));
        }

        var seam = new Paint(style.Seam);
        canvas.FillWithin(Turn(From(-20, upper - 12).Curve(-10, upper - 10, 0, ankle + 22, 4, ankle + 5).Stroke(0.9f)), seam, 0.9f);
        canvas.FillWithin(Turn(From(22, ankle + 2).Curve(22, 0, 24, 10, 22, upper).Stroke(0.9f)), seam, 0.8f);
        canvas.FillWithin(Turn(From(-6, ankle + 5).Curve(4, ankle + 8, 14, ankle + 7, 28, ankle + 1).Stroke(2)), new Paint(second), 0.9f);
        Laces(canvas, style, ankle, upper, Turn);

        canvas.Fill(
            Turn(From(-44, upper - lift * 0.3f)
                .Curve(-30, upper + 1.5f, 10, upper + 1, 35, upper - lift).Curve(38, upper + 1, 37, Ground, 33, Ground)
                .Line(-36, Ground).Curve(-44, Ground, -47, upper + 3, -44, upper - lift * 0.3f).Close()),
            new Paint(soleColor) { Fall = 0.1f });
        canvas.FillWithin(Turn(From(-45, Ground - 1).Line(36, Ground - 1).Stroke(2)), new Paint(soleColor * 0.55f), 0.9f);
        canvas.FillWithin(
            Turn(From(-44, upper + 1).Curve(-30, upper + 2.5f, 10, upper + 2, 35, upper - lift + 1).Stroke(0.8f)),
            new Paint(soleColor * 0.7f),
            0.8f);
    }

    private static void Laces(Canvas canvas, ProductStyle style, float ankle, float upper, Func<Outline, Outline> turn)
    {
        var lace = new Paint(style.Chance(0.6f) ? ProductStyle.White : style.Accent);
        int rows = style.Pick([3, 4, 5]);
        for (int i = 0; i < rows; i++)
        {
            float t = (i + 0.5f) / rows;
            float x = -22 + t * 15, y = upper - 17 + t * (ankle + 9 - upper + 17);
            canvas.Fill(turn(Outline.From(x - 1.5f, y - 1).Line(x + 6, y + 2).Stroke(1.7f)), lace);
        }
    }
}
