using System.Globalization;
using System.Text.RegularExpressions;
using SimNet.Embeddings;

namespace SimNet.Cli.Tests;

public sealed partial class DemoReportTests
{
    private const string Markup = "</title></style><script>alert('x')</script><img src=x onerror=\"y\">&{0}";

    [Fact]
    public void Every_section_shows_its_data()
    {
        string html = DemoReport.Render(Data());
        foreach (string id in (string[])["recommendations", "quality", "training", "reconstructions", "features", "network", "run"])
        {
            Assert.Contains($"<section id=\"{id}\">", html, StringComparison.Ordinal);
            Assert.Contains($"href=\"#{id}\"", html, StringComparison.Ordinal);
        }

        foreach (string text in (string[])
            [
                "The title", "An introduction", "a query", "a hit", "0.125", "a miss", "1.500", "Trained on these images", "Default model",
                "a default hit", "0.250", "precision", "94.2 %", "88.8 %", "31.0 %", "queries per second", "12,345", "image loss", "Conv2d",
                "32 x 64 x 64", "47,105", "Processor", "sixteen bits", "train the network", "61.5 s", "62.0 s",
                "after the first convolution", "a noisy shoe",
            ])
        {
            Assert.Contains(text, html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("no data for this section", html, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(html, "<svg "));
    }

    [Fact]
    public void Results_show_whether_their_category_matches()
    {
        string html = DemoReport.Render(Data());
        Assert.Matches("<figure class=\"same\">[^\n]*a hit[^\n]*same category", html);
        Assert.Matches("<figure class=\"other\">[^\n]*a miss[^\n]*other category", html);
    }

    [Fact]
    public void The_results_of_each_model_are_below_its_name()
    {
        string html = DemoReport.Render(Data());
        Assert.Matches(
            "(?s)<h3>Trained on these images</h3>((?!<h3>).)*a hit((?!<h3>).)*a miss((?!<h3>).)*"
                + "<h3>Default model</h3>((?!<h3>|</section>).)*a default hit",
            html);
    }

    [Fact]
    public void A_measure_has_three_columns_with_a_dash_for_a_missing_value()
    {
        string html = DemoReport.Render(Data());
        Assert.Matches("Trained on these images</th><th[^>]*>Default model</th><th[^>]*>Raw pixels</th>", html);
        Assert.Matches("<td>precision[^\n]*94\\.2 %[^\n]*88\\.8 %[^\n]*31\\.0 %[^\n]*</tr>", html);
        Assert.Matches("<td>queries per second[^\n]*12,345</td><td[^>]*>&ndash;</td><td[^>]*>&ndash;</td></tr>", html);
        Assert.Contains(
            "<b>94.2 %</b><span>precision</span><small>default model: 88.8 %</small><small>raw pixels: 31.0 %</small>",
            html,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_has_no_external_content()
    {
        string html = DemoReport.Render(Data());
        Assert.DoesNotContain("http:", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
        MatchCollection sources = Source().Matches(html);
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.Matches("^(#|data:image/png;base64,)", source.Groups[2].Value));
    }

    [Fact]
    public void Texts_with_markup_are_encoded()
    {
        DemoReportData data = Data();
        DemoReportData encoded = data with
        {
            Title = Markup,
            Introduction = Markup,
            LossName = Markup,
            Facts = [new(Markup, Markup)],
            Stages = [new(Markup, 1)],
            Network = [new(Markup, Markup, Markup, 1)],
            Reconstructions = [data.Reconstructions[0] with { Caption = Markup }],
            Queries =
            [
                data.Queries[0] with
                {
                    Caption = Markup,
                    Trained = [data.Queries[0].Trained[0] with { Caption = Markup }],
                    DefaultModel = [data.Queries[0].DefaultModel[0] with { Caption = Markup }],
                },
            ],
            Features = [data.Features[0] with { Name = Markup }],
            Metrics = [data.Metrics[0] with { Name = Markup, Explanation = Markup }],
        };
        string html = DemoReport.Render(encoded);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html, "</style>"));
        Assert.DoesNotContain("\"y\"", html, StringComparison.Ordinal);
        Assert.Contains(
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&lt;img src=x onerror=&quot;y&quot;&gt;&amp;{0}",
            html,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_valid_PNG_files_of_their_sizes()
    {
        string html = DemoReport.Render(Data());
        MatchCollection images = Png().Matches(html);

        // A query with two and one results, three images of a reconstruction, and the input of the network with three maps.
        Assert.Equal(4 + 3 + 1 + 3, images.Count);
        Assert.All(images, match =>
        {
            byte[] file = Convert.FromBase64String(match.Groups[3].Value);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], file[..4]);
            Assert.Equal(match.Groups[1].Value, file[19].ToString(CultureInfo.InvariantCulture));
            Assert.Equal(match.Groups[2].Value, file[23].ToString(CultureInfo.InvariantCulture));
        });
    }

    [Fact]
    public void Feature_maps_range_from_black_to_white()
    {
        DemoReportData.FeatureMaps Map(params float[] values) => new("layer", 2, 2, [values]);
        string Rendered(DemoReportData.FeatureMaps maps) =>
            Png().Match(DemoReport.Render(new DemoReportData { Title = "t", Features = [maps] })).Groups[3].Value;
        string Gray(params byte[] pixels) => Convert.ToBase64String(PngEncoder.Encode(new Image(2, 2, 1, pixels)));
        Assert.Equal(Gray(0, 64, 128, 255), Rendered(Map(-1000, -500, 0, 1000)));
        Assert.Equal(Gray(0, 64, 128, 255), Rendered(Map(0, 1e-6f, 2e-6f, 4e-6f)));
        Assert.Equal(Gray(128, 128, 128, 128), Rendered(Map(7, 7, 7, 7)));
        Assert.Equal(Gray(0, 0, 255, 255), Rendered(Map(float.NaN, 1, 3, float.PositiveInfinity)));
        Assert.Equal(Gray(0, 0, 0, 255), Rendered(Map(-float.MaxValue, -float.MaxValue, -float.MaxValue, float.MaxValue)));
    }

    [Fact]
    public void A_map_of_the_wrong_size_throws()
    {
        var data = new DemoReportData { Title = "t", Features = [new("first convolution", 2, 2, [new float[4], new float[5]])] };
        Assert.Contains(
            "Map 1 of 'first convolution' has 5 values; expected 4",
            Assert.Throws<ArgumentException>(() => DemoReport.Render(data)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_without_data_say_so()
    {
        string html = DemoReport.Render(new DemoReportData { Title = "t" });
        Assert.Equal(7, Regex.Count(html, "no data for this section"));
    }

    [Fact]
    public void NaN_and_infinity_do_not_break_the_page()
    {
        DemoReportData data = Data() with
        {
            Metrics = [new("broken", "", double.NaN, double.NegativeInfinity, double.PositiveInfinity, "P1")],
            LearningCurve = [new(1, double.NaN, double.NaN, double.NaN, double.NaN)],
            Stages = [new("none", 0)],
        };
        Assert.DoesNotContain("width:NaN", DemoReport.Render(data), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_does_not_depend_on_the_culture()
    {
        string expected = DemoReport.Render(Data());
        using var comma = new CommaCulture();
        Assert.Equal(expected, DemoReport.Render(Data()));
    }

    private static DemoReportData Data() => new()
    {
        Title = "The title",
        Introduction = "An introduction",
        Facts = [new("Processor", "sixteen bits")],
        Stages = [new("draw", 0.5), new("train the network", 61.5)],
        Network = [new("encoder.0", "Conv2d", "32 x 64 x 64", 47_105)],
        LossName = "image loss",
        LearningCurve = [new(1, 0.7, 0.71, 0.5, 0.49), new(2, 0.6, 0.62, 0.8, 0.79)],
        Reconstructions = [new(CreateImage(1), CreateImage(2), CreateImage(3), "a noisy shoe")],
        Queries =
        [
            new(
                CreateImage(4),
                "a query",
                [new(CreateImage(5), "a hit", 0.125, true), new(CreateImage(6), "a miss", 1.5, false)],
                [new(CreateImage(8), "a default hit", 0.25, true)]),
        ],
        FeaturesOf = CreateImage(7),
        Features = [new("after the first convolution", 3, 2, [[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [-1, 1, -1, 1, -1, 1]])],
        Metrics =
        [
            new("precision", "how many are right", 0.942, 0.888, 0.31, "P1"),
            new("queries per second", "on one core", 12_345, null, null, "N0"),
        ],
    };

    private static Image CreateImage(int shade) => new(3, 2, 3, [.. Enumerable.Repeat((byte)shade, 18)]);

    [GeneratedRegex("(src|href)\\s*=\\s*\"([^\"]*)\"")]
    private static partial Regex Source();

    [GeneratedRegex("<img width=\"(\\d+)\" height=\"(\\d+)\"[^>]*src=\"data:image/png;base64,([^\"]*)\"")]
    private static partial Regex Png();
}
