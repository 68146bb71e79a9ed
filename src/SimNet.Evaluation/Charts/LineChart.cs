using System.Globalization;
using System.Net;
using System.Text;

namespace SimNet.Evaluation;

/// <summary>
/// A small line chart as SVG, such as a learning curve. The same chart gives the same text on every machine. Text and grid take the
/// colour of the text around the picture (<c>currentColor</c>), so that it stands on a light page as on a dark one.
/// </summary>
public sealed record LineChart
{
    private const int LegendRowHeight = 18;

    /// <summary>What a character of the 12-pixel font takes on average, and a little more.</summary>
    private const double LegendCharacterWidth = 6.8;

    // Told apart on white and on near-black, and by most colour-blind readers.
    private static readonly string[] Colours = ["#3b82f6", "#f97316", "#10b981", "#a855f7", "#eab308", "#ec4899", "#06b6d4", "#84868c"];

    /// <summary>Stands above the chart; none by default.</summary>
    public string? Title { get; init; }

    /// <summary>What runs to the right; none by default.</summary>
    public string? XTitle { get; init; }

    /// <summary>What runs upwards; none by default.</summary>
    public string? YTitle { get; init; }

    /// <summary>How numbers stand along the axis that runs to the right; linear by default. On a logarithmic axis a point at 0 or below leaves a gap.</summary>
    public AxisScale XScale { get; init; }

    /// <summary>The same for the axis that runs upwards.</summary>
    public AxisScale YScale { get; init; }

    /// <summary>The lines, drawn in order. There may be none, and a line may be empty.</summary>
    public IReadOnlyList<LineSeries> Series { get; init; } = [];

    /// <summary>Width in SVG units, which are pixels unless scaled; 560 by default, at least 200.</summary>
    public int Width { get; init; } = 560;

    /// <summary>Height in SVG units; 320 by default, at least 150.</summary>
    public int Height { get; init; } = 320;

    /// <summary>The chart as one <c>svg</c> element that needs nothing else.</summary>
    /// <exception cref="InvalidOperationException">The width or height is below its minimum.</exception>
    public string ToSvg()
    {
        if (Width < 200 || Height < 150)
        {
            throw new InvalidOperationException($"A chart of {Width}x{Height}; expected at least 200x150.");
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
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="currentColor">""");
        if (Title is not null)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<title>{Escape(Title)}</title>""");
            Text((left + right) / 2, 20, "middle", Title, "font-size=\"14\" font-weight=\"600\"");
        }

        for (int i = 0; i < y.Values.Length; i++)
        {
            double at = PlaceY(y.Values[i]);
            svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{N(left)} {N(at)}H{N(right)}" stroke="currentColor" stroke-opacity="0.14"/>""");
            Text(left - 8, at + 4, "end", y.Labels[i], "fill-opacity=\"0.75\"");
        }

        svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{N(left)} {N(bottom)}H{N(right)}" stroke="currentColor" stroke-opacity="0.5"/>""");
        for (int i = 0; i < x.Values.Length; i++)
        {
            double at = PlaceX(x.Values[i]);
            svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{N(at)} {N(bottom)}v5" stroke="currentColor" stroke-opacity="0.5"/>""");
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
            Line(Series[i].Points, Colours[i % Colours.Length], Dashes(i));
        }

        Legend();
        return svg.Append("</svg>").ToString();

        double PlaceX(double value) => left + x.Place(value) * (right - left);

        double PlaceY(double value) => bottom - y.Place(value) * (bottom - top);

        void Text(double atX, double atY, string anchor, string text, string attributes) => svg.Append(
            CultureInfo.InvariantCulture, $"""<text x="{N(atX)}" y="{N(atY)}" text-anchor="{anchor}" {attributes}>{Escape(text)}</text>""");

        void Line(IReadOnlyList<(double X, double Y)> line, string colour, string dashes)
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
                    svg.Append(CultureInfo.InvariantCulture, $"""<circle cx="{N(atX)}" cy="{N(atY)}" r="2.5" fill="{colour}"/>""");
                    continue;
                }

                path.Append(pen ? 'L' : 'M').Append(N(atX)).Append(' ').Append(N(atY));
                pen = true;
            }

            if (path.Length > 0)
            {
                svg.Append(CultureInfo.InvariantCulture, $"""<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes} stroke-linejoin="round" stroke-linecap="round"/>""");
            }
        }

        void Legend()
        {
            for (int i = 0; i < legend.Length; i++)
            {
                (double atX, double atY) = (legend[i].X, legendTop + LegendRowHeight * legend[i].Row);
                svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{N(atX)} {N(atY + 4)}h16" stroke="{Colours[i % Colours.Length]}" stroke-width="3"{Dashes(i)} stroke-linecap="round"/>""");
                Text(atX + 22, atY + 8, "start", Series[i].Name, "");
            }
        }
    }

    /// <summary>Where each series' name stands: beside the one before it, or on a row of its own where that would leave the picture.</summary>
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

    /// <summary>Where the colours begin anew, the lines are dashed.</summary>
    private static string Dashes(int series) => series < Colours.Length ? "" : " stroke-dasharray=\"5 6\"";

    private bool HasPlace((double X, double Y) point) => AxisTicks.HasPlace(XScale, point.X) && AxisTicks.HasPlace(YScale, point.Y);

    private static string N(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>XML has no way to write most control characters, so they become replacement characters.</summary>
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
