using System.Globalization;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Evaluation.Tests;

public sealed class LineChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly LineChart Chart = new()
    {
        Title = "Loss",
        XTitle = "epoch",
        YTitle = "mean squared error",
        Series = [LineSeries.FromValues("train", [0.9, 0.5, 0.3, 0.25]), LineSeries.FromValues("validation", [0.95, 0.6, 0.4, 0.38])],
    };

    [Fact]
    public void Chart_is_XML_with_titles_and_legend()
    {
        string[] texts = Texts(Chart);
        Assert.Contains("Loss", texts);
        Assert.Contains("epoch", texts);
        Assert.Contains("mean squared error", texts);
        Assert.Contains("train", texts);
        Assert.Contains("validation", texts);
    }

    [Fact]
    public void A_long_legend_wraps_to_more_rows_and_stays_inside()
    {
        LineSeries[] series = [.. Enumerable.Range(0, 5).Select(i => LineSeries.FromValues($"a rather long name, number {i}", [1, 2, 3]))];

        XElement svg = XElement.Parse(new LineChart { Title = "t", Width = 560, Series = series }.ToSvg());

        (double X, double Y)[] names = [.. svg.Descendants()
            .Where(e => e.Name.LocalName == "text" && e.Value.StartsWith("a rather", StringComparison.Ordinal))
            .Select(e => (
                double.Parse(e.Attribute("x")!.Value, CultureInfo.InvariantCulture),
                double.Parse(e.Attribute("y")!.Value, CultureInfo.InvariantCulture)))];
        Assert.Equal(5, names.Length);
        Assert.Equal(5, names.Distinct().Count());
        Assert.All(names, name => Assert.InRange(name.X + (6.8 * 27), 0, 560));
        Assert.Equal(3, names.Select(name => name.Y).Distinct().Count());
    }

    [Fact]
    public void Many_lines_are_distinguishable()
    {
        var chart = new LineChart { Series = [.. Enumerable.Range(0, 12).Select(i => LineSeries.FromValues($"line {i}", [i, i + 1]))] };

        XElement[] lines = [.. XElement.Parse(chart.ToSvg()).Elements(Svg + "path").Where(e => (string?)e.Attribute("fill") == "none")];

        Assert.Equal(
            12, lines.Select(line => ((string?)line.Attribute("stroke"), (string?)line.Attribute("stroke-dasharray"))).Distinct().Count());
    }

    [Fact]
    public void Ticks_are_round_numbers()
    {
        string[] texts = Texts(Chart);
        Assert.Subset(texts.ToHashSet(), new HashSet<string> { "0.2", "0.4", "0.6", "0.8", "1.0", "1", "2", "3", "4" });
        Assert.DoesNotContain("1.5", texts);
    }

    [Fact]
    public void Points_are_placed_by_their_values()
    {
        var chart = new LineChart { Series = [new LineSeries("diagonal", [(0, 0), (5, 5), (10, 10)])] };
        double[][] points = Points(Path(chart, 0));
        Assert.Equal(3, points.Length);
        Assert.Equal((points[0][0] + points[2][0]) / 2, points[1][0], 0.02);
        Assert.Equal((points[0][1] + points[2][1]) / 2, points[1][1], 0.02);
        Assert.True(points[0][0] < points[2][0] && points[0][1] > points[2][1], "x runs right, y runs up");
    }

    [Fact]
    public void Equal_ratios_have_equal_lengths_on_logarithmic_axes()
    {
        var chart = new LineChart
        {
            XScale = AxisScale.Logarithmic,
            YScale = AxisScale.Logarithmic,
            Series = [new LineSeries("powers", [(1000, 0.01), (10_000, 1), (1_000_000, 10_000)])],
        };

        double[][] points = Points(Path(chart, 0));

        Assert.Equal(points[0][0] + ((points[2][0] - points[0][0]) / 3), points[1][0], 0.02);
        Assert.Equal(points[0][1] + ((points[2][1] - points[0][1]) / 3), points[1][1], 0.02);
        Assert.True(points[0][0] < points[2][0] && points[0][1] > points[2][1], "x runs right, y runs up");
        Assert.Subset(Texts(chart).ToHashSet(), new HashSet<string> { "1,000", "10,000", "100,000", "1,000,000", "0.01", "1", "100" });
    }

    [Fact]
    public void A_short_logarithmic_axis_has_ticks_between_powers_of_ten()
    {
        string[] texts = Texts(new LineChart { YScale = AxisScale.Logarithmic, Series = [LineSeries.FromValues("rates", [130, 170])] });

        Assert.Subset(texts.ToHashSet(), new HashSet<string> { "100", "200" });
    }

    [Fact]
    public void Values_without_a_logarithm_leave_gaps()
    {
        var chart = new LineChart { YScale = AxisScale.Logarithmic, Series = [LineSeries.FromValues("broken", [1, 2, 0, 3, -1, 4, 5])] };

        Assert.Equal(2, Path(chart, 0).Count(c => c == 'M'));
        Assert.Single(XElement.Parse(chart.ToSvg()).Elements(Svg + "circle"));
    }

    [Fact]
    public void Values_that_are_not_finite_leave_gaps()
    {
        var chart = new LineChart { Series = [LineSeries.FromValues("broken", [1, 2, double.NaN, 3, double.PositiveInfinity, 4, 5])] };
        XElement svg = XElement.Parse(chart.ToSvg());
        Assert.Equal(2, Path(chart, 0).Count(c => c == 'M'));
        Assert.Single(svg.Elements(Svg + "circle"));
        Assert.DoesNotContain("NaN", chart.ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_escaped()
    {
        const string Hostile = "<script>alert(\"x\" & 'y')</script>\u0001\ud800";
        var chart = Chart with { Title = Hostile, XTitle = Hostile, YTitle = Hostile, Series = [new LineSeries(Hostile, [(1, 1)])] };
        Assert.DoesNotContain("<script", chart.ToSvg(), StringComparison.Ordinal);
        Assert.Equal(5, Texts(chart).Count(text => text == "<script>alert(\"x\" & 'y')</script>\ufffd\ufffd"));
    }

    [Theory]
    [InlineData(new double[0])]
    [InlineData(new[] { 0.0 })]
    [InlineData(new[] { 7.0, 7.0, 7.0 })]
    [InlineData(new[] { 1e-12, 3e-12 })]
    [InlineData(new[] { 1e12, 1e12 + 1 })]
    [InlineData(new[] { -1e30, 1e30 })]
    [InlineData(new[] { double.NaN })]
    [InlineData(new[] { double.Epsilon, 0 })]
    [InlineData(new[] { double.Epsilon, 1e300 })]
    public void Unusual_values_still_give_a_chart(double[] values)
    {
        foreach (AxisScale scale in Enum.GetValues<AxisScale>())
        {
            string svg = new LineChart { YScale = scale, Series = [LineSeries.FromValues("odd", values)] }.ToSvg();
            Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", svg, StringComparison.Ordinal);
            XElement.Parse(svg);
        }
    }

    [Fact]
    public void An_empty_list_of_series_still_gives_a_chart() => XElement.Parse(new LineChart().ToSvg());

    [Fact]
    public void Text_does_not_depend_on_the_culture()
    {
        string expected = Chart.ToSvg();
        using var comma = new CommaCulture();
        Assert.Equal(expected, Chart.ToSvg());
    }

    [Fact]
    public void A_chart_that_is_too_small_is_rejected() =>
        Assert.Contains(
            "100x320",
            Assert.Throws<InvalidOperationException>(() => new LineChart { Width = 100 }.ToSvg()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Lines_stay_inside_the_image_and_ticks_are_few()
    {
        Prop.ForAll<NormalFloat[]>(values =>
        {
            var chart = new LineChart { Series = [LineSeries.FromValues("any", values.Select(v => v.Get))] };
            var positive = new LineChart
            {
                YScale = AxisScale.Logarithmic,
                Series = [LineSeries.FromValues("any", values.Select(v => Math.Abs(v.Get) + 1e-200))],
            };
            return Holds(chart) && Holds(positive);

            bool Holds(LineChart chart) => Texts(chart).Length < 30
                && (values.Length < 2
                    || Points(Path(chart, 0)).All(p => p[0] >= 0 && p[0] <= chart.Width && p[1] >= 0 && p[1] <= chart.Height));
        }).QuickCheckThrowOnFailure();
    }

    private static string[] Texts(LineChart chart) =>
        [.. XElement.Parse(chart.ToSvg()).Descendants().Where(e => !e.HasElements && e.Value != "").Select(e => e.Value)];

    private static string Path(LineChart chart, int series) =>
        XElement.Parse(chart.ToSvg())
            .Elements(Svg + "path")
            .Where(e => (string?)e.Attribute("fill") == "none")
            .ElementAt(series)
            .Attribute("d")!.Value;

    private static double[][] Points(string path) =>
        [.. path.Split('M', 'L')
            .Skip(1)
            .Select(point => point.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray())];
}
