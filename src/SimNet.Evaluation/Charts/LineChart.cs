using System.Globalization;
using System.Net;
using System.Text;

namespace SimNet.Evaluation;

/// <summary>
/// A line chart as SVG, such as a learning curve. The same chart gives the same text on every machine. Text and grid have the color of the
/// surrounding text (<c>currentColor</c>), so that the chart fits light and dark pages.
/// </summary>
public sealed record LineChart
{
    private const int LegendRowHeight = 18;

    /// <summary>The average width of a character of the 12-pixel font, with a margin.</summary>
    private const double LegendCharacterWidth = 6.8;

    // Distinguishable on white and near-black backgrounds, and for most forms of color blindness.
    private static readonly string[] Colors = ["#3b82f6", "#f97316", "#10b981", "#a855f7", "#eab308", "#ec4899", "#06b6d4", "#84868c"];

    /// <summary>The title above the chart; none by default.</summary>
    public string? Title { get; init; }

    /// <summary>The title of the x-axis; none by default.</summary>
    public string? XTitle { get; init; }

    /// <summary>The title of the y-axis; none by default.</summary>
    public string? YTitle { get; init; }

    /// <summary>The scale of the x-axis; linear by default. On a logarithmic axis, a point at 0 or below leaves a gap.</summary>
    public AxisScale XScale { get; init; }

    /// <summary>The scale of the y-axis; linear by default. On a logarithmic axis, a point at 0 or below leaves a gap.</summary>
    public AxisScale YScale { get; init; }

    /// <summary>The lines in drawing order. The list and each line may be empty.</summary>
    public IReadOnlyList<LineSeries> Series { get; init; } = [];

    /// <summary>The width in SVG units, which are pixels unless the image is scaled; at least 200; 560 by default.</summary>
    public int Width { get; init; } = 560;

    /// <summary>The height in SVG units; at least 150; 320 by default.</summary>
    public int Height { get; init; } = 320;

    /// <summary>Renders the chart as a self-contained <c>svg</c> element.</summary>
    /// <exception cref="InvalidOperationException">The width or height is below its minimum.</exception>
    public string ToSvg()
    {
        if (Width < 200 || Height < 150)
        {
            throw new InvalidOperationException($"The chart is {Width}x{Height}; expected at least 200x150.");
        }

        (double X, double Y)[] points = [.. Series.SelectMany(s => s.Points).Where(HasPlace)];
        AxisTicks x = AxisTicks.Cover(XScale, points.Select(p => p.X), mostIntervals: Math.Max(2, Width / 70), widen: false);
        AxisTicks y = AxisTicks.Cover(YScale, points.Select(p => p.Y), mostIntervals: Math.Max(2, Height / 50), widen: true);
        double left = 18 + (YTitle is null ? 0 : 18) + 7 * y.Labels.Max(label => label.Length);
        double right = Width - 18;
        double legendTop = Title is null ? 12 : 34;
        (int Row, double X)[] legend = PlaceLegend(left, right);
        double top = legendTop + (legend.Length == 0 ? 0 : 22 + LegendRowHeight * legend[^1].Row);
        double bottom = Height - 28 - (XTitle is null ? 0 : 18);

        var svg = new StringBuilder();
        svg.Append("""<svg xmlns="http://www.w3.org/2000/svg" """)
            .Append(CultureInfo.InvariantCulture, $"""viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" """)
            .Append("""role="img" font-family="system-ui, sans-serif" font-size="12" fill="currentColor">""");
        if (Title is not null)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<title>{Escape(Title)}</title>""");
            Text((left + right) / 2, 20, "middle", Title, "font-size=\"14\" font-weight=\"600\"");
        }

        for (int i = 0; i < y.Values.Length; i++)
        {
            double at = PlaceY(y.Values[i]);
            Path($"M{N(left)} {N(at)}H{N(right)}", "stroke=\"currentColor\" stroke-opacity=\"0.14\"");
            Text(left - 8, at + 4, "end", y.Labels[i], "fill-opacity=\"0.75\"");
        }

        Path($"M{N(left)} {N(bottom)}H{N(right)}", "stroke=\"currentColor\" stroke-opacity=\"0.5\"");
        for (int i = 0; i < x.Values.Length; i++)
        {
            double at = PlaceX(x.Values[i]);
            Path($"M{N(at)} {N(bottom)}v5", "stroke=\"currentColor\" stroke-opacity=\"0.5\"");
            Text(at, bottom + 19, "middle", x.Labels[i], "fill-opacity=\"0.75\"");
        }

        if (XTitle is not null)
        {
            Text((left + right) / 2, Height - 8, "middle", XTitle, "");
        }

        if (YTitle is not null)
        {
            Text(-(top + bottom) / 2, 16, "middle", YTitle, "transform=\"rotate(-90)\"");
        }

        for (int i = 0; i < Series.Count; i++)
        {
            Line(Series[i].Points, Colors[i % Colors.Length], Dashes(i));
        }

        Legend();
        return svg.Append("</svg>").ToString();

        double PlaceX(double value) => left + x.Place(value) * (right - left);

        double PlaceY(double value) => bottom - y.Place(value) * (bottom - top);

        void Path(string data, string attributes) => svg.Append(CultureInfo.InvariantCulture, $"""<path d="{data}" {attributes}/>""");

        void Text(double atX, double atY, string anchor, string text, string attributes) => svg.Append(
            CultureInfo.InvariantCulture, $"""<text x="{N(atX)}" y="{N(atY)}" text-anchor="{anchor}" {attributes}>{Escape(text)}</text>""");

        void Line(IReadOnlyList<(double X, double Y)> line, string color, string dashes)
        {
            var path = new StringBuilder();
            bool pen = false;
            for (int i = 0; i < line.Count; i++)
            {
                if (!HasPlace(line[i]))
                {
                    pen = false;
                    continue;
                }

                (double atX, double atY) = (PlaceX(line[i].X), PlaceY(line[i].Y));
                bool alone = !pen && (i + 1 == line.Count || !HasPlace(line[i + 1]));
                if (alone)
                {
                    svg.Append(CultureInfo.InvariantCulture, $"""<circle cx="{N(atX)}" cy="{N(atY)}" r="2.5" fill="{color}"/>""");
                    continue;
                }

                path.Append(pen ? 'L' : 'M').Append(N(atX)).Append(' ').Append(N(atY));
                pen = true;
            }

            if (path.Length > 0)
            {
                string style = $"fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{dashes}";
                Path(path.ToString(), style + " stroke-linejoin=\"round\" stroke-linecap=\"round\"");
            }
        }

        void Legend()
        {
            for (int i = 0; i < legend.Length; i++)
            {
                (double atX, double atY) = (legend[i].X, legendTop + LegendRowHeight * legend[i].Row);
                string color = Colors[i % Colors.Length];
                Path($"M{N(atX)} {N(atY + 4)}h16", $"stroke=\"{color}\" stroke-width=\"3\"{Dashes(i)} stroke-linecap=\"round\"");
                Text(atX + 22, atY + 8, "start", Series[i].Name, "");
            }
        }
    }

    /// <summary>Positions the names of the series side by side, with a new row where they would exceed the width.</summary>
    private (int Row, double X)[] PlaceLegend(double left, double right)
    {
        var places = new (int, double)[Series.Count];
        int row = 0;
        double x = left;
        for (int i = 0; i < places.Length; i++)
        {
            double width = 22 + LegendCharacterWidth * Series[i].Name.Length;
            if (x > left && x + width > right)
            {
                row++;
                x = left;
            }

            places[i] = (row, x);
            x += width + 18;
        }

        return places;
    }

    /// <summary>Lines that reuse a color are dashed.</summary>
    private static string Dashes(int series) => series < Colors.Length ? "" : " stroke-dasharray=\"5 6\"";

    private bool HasPlace((double X, double Y) point) => AxisTicks.HasPlace(XScale, point.X) && AxisTicks.HasPlace(YScale, point.Y);

    private static string N(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>XML cannot represent most control characters, so they become replacement characters.</summary>
    private static string Escape(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool allowed = rune.Value is >= 0x20 and not 0xFFFE and not 0xFFFF or '\t' or '\n' or '\r';
            clean.Append((allowed ? rune : Rune.ReplacementChar).ToString());
        }

        return WebUtility.HtmlEncode(clean.ToString());
    }
}
