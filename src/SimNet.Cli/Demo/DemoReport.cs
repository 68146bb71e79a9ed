using System.Globalization;
using System.Net;
using System.Text;
using SimNet.Embeddings;
using SimNet.Evaluation;

namespace SimNet.Cli;

/// <summary>
/// The demo's result as one HTML page that needs nothing beside it: no script, no network, images inside. The same data gives the same
/// text. All texts of the data are shown as they are, whatever they hold.
/// </summary>
internal sealed class DemoReport
{
    private readonly StringBuilder _html = new();
    private readonly DemoReportData _data;

    private DemoReport(DemoReportData data) => _data = data;

    /// <summary>The page.</summary>
    /// <exception cref="ArgumentException">A feature map has not as many values as its sizes ask for.</exception>
    public static string Render(DemoReportData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var report = new DemoReport(data);
        report.Page();
        return report._html.ToString();
    }

    private void Page()
    {
        // The policy makes a browser refuse whatever would come from outside, should anything ever ask for it.
        Raw($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(_data.Title)}</title>
            <style>
            {DemoReportStyle.Css}
            </style>
            </head>
            <body>
            <header>
            <h1>{Text(_data.Title)}</h1>
            <p class="lead">{Text(_data.Introduction)}</p>
            {Tiles()}
            </header>
            <nav><ul>
            <li><a href="#alike">Look-alikes</a></li>
            <li><a href="#measured">Measured</a></li>
            <li><a href="#learning">Learning</a></li>
            <li><a href="#reconstructions">Reconstructions</a></li>
            <li><a href="#features">Features</a></li>
            <li><a href="#network">Network</a></li>
            <li><a href="#run">Run</a></li>
            </ul></nav>
            <main>

            """);
        Section(
            "alike",
            "Look-alikes",
            "A query, then the products found for it, nearest first, with their distance: in the first row by the model trained on these images, in the second by the ready-made one. Distances of the two rows are of different scales.",
            _data.Queries.Count,
            Queries);
        Section("measured", "Measured", "The same queries three times: by the embedding learned here, by the ready-made model's, by raw pixels.", _data.Metrics.Count, Metrics);
        Section(
            "learning",
            "Learning",
            "After each epoch: the loss, and the share of pixels given back on the right side of mid-gray.",
            _data.LearningCurve.Count,
            LearningCurve);
        Section(
            "reconstructions",
            "Noise in, product out",
            "What the network was shown, what it made of it, and the image behind the noise.",
            _data.Reconstructions.Count,
            Reconstructions);
        Section(
            "features",
            "What the network sees",
            "Each small image is one channel, from its lowest value in black to its highest in white.",
            _data.Features.Count,
            Features);
        Section("network", "The network", "", _data.Network.Count, Network);
        Section("run", "The run", "", _data.Stages.Count + _data.Facts.Count, Run);
        Raw($"""
            </main>
            <footer><p>Everything on this page was computed by the run it describes.</p></footer>
            </body>
            </html>

            """);
    }

    private void Section(string id, string heading, string note, int count, Action content)
    {
        Raw(
            $"<section id=\"{id}\">\n<h2>{Text(heading)}</h2>\n<p class=\"note\">{Text(count == 0 ? "This run has nothing to show here." : note)}</p>\n");
        if (count > 0)
        {
            content();
        }

        Raw($"</section>\n");
    }

    private string Tiles()
    {
        var tiles = new StringBuilder("<div class=\"tiles\">");
        foreach (DemoReportData.Metric metric in _data.Metrics.Take(4))
        {
            string Beside(string name, double? number) => number is double value ? $"<small>{name}: {Text(Format(value, metric.Format))}</small>" : "";
            tiles.Append(CultureInfo.InvariantCulture, $"<div class=\"tile\"><b>{Text(Format(metric.Learned, metric.Format))}</b><span>{Text(metric.Name)}</span>{Beside("ready-made", metric.ReadyMade)}{Beside("raw pixels", metric.RawPixels)}</div>");
        }

        return tiles.Append("</div>").ToString();
    }

    private void Queries()
    {
        foreach (DemoReportData.Query query in _data.Queries)
        {
            Raw(
                $"<div class=\"query\">\n<figure>{ImageTag(query.Image, query.Caption)}<figcaption><b>{Text(query.Caption)}</b></figcaption></figure>\n<div>\n");
            Results("Learned from these images", query.Learned);
            Results("Ready-made", query.ReadyMade);
            Raw($"</div>\n</div>\n");
        }
    }

    private void Results(string by, IReadOnlyList<DemoReportData.Result> results)
    {
        Raw($"<h3>{Text(by)}</h3>\n<div class=\"results\">\n");
        foreach (DemoReportData.Result result in results)
        {
            (string style, string badge) = result.SameCategory ? ("same", "same category") : ("other", "other category");
            Raw(
                $"<figure class=\"{style}\">{ImageTag(result.Image, result.Caption)}<figcaption>{Text(result.Caption)}<br><small>{result.Distance:0.000}</small> <span class=\"badge\">{badge}</span></figcaption></figure>\n");
        }

        Raw($"</div>\n");
    }

    private void Metrics()
    {
        Raw(
            $"<div class=\"scroll\"><table><thead><tr><th>Measure</th><th class=\"number\">Learned</th><th class=\"number\">Ready-made</th><th class=\"number\">Raw pixels</th></tr></thead><tbody>\n");
        foreach (DemoReportData.Metric metric in _data.Metrics)
        {
            Raw(
                $"<tr><td>{Text(metric.Name)}<small>{Text(metric.Explanation)}</small></td><td class=\"number\">{Cell(metric.Learned)}</td><td class=\"number\">{Cell(metric.ReadyMade)}</td><td class=\"number raw\">{Cell(metric.RawPixels)}</td></tr>\n");

            string Cell(double? number) => number is double value ? Text(Format(value, metric.Format)) + (metric.Format.StartsWith('P') ? Bar(value) : "") : "&ndash;";
        }

        Raw($"</tbody></table></div>\n");
    }

    private void LearningCurve()
    {
        Raw(
            $"<div class=\"charts\">\n{Chart(_data.LossName, e => e.TrainingLoss, e => e.ValidationLoss)}\n{Chart("reconstruction accuracy", e => e.TrainingAccuracy, e => e.ValidationAccuracy)}\n</div>\n");
    }

    private string Chart(string title, Func<DemoReportData.Epoch, double> training, Func<DemoReportData.Epoch, double> validation)
    {
        LineSeries Line(string name, Func<DemoReportData.Epoch, double> value) =>
            new(name, [.. _data.LearningCurve.Select(epoch => ((double)epoch.Number, value(epoch)))]);
        var chart = new LineChart { Title = title, XTitle = "epoch", Series = [Line("training", training), Line("validation", validation)] };

        // Within HTML the namespace goes without saying.
        return chart.ToSvg().Replace(" xmlns=\"http://www.w3.org/2000/svg\"", "", StringComparison.Ordinal);
    }

    private void Reconstructions()
    {
        Raw($"<div class=\"triples\">\n");
        foreach (DemoReportData.Reconstruction item in _data.Reconstructions)
        {
            Raw(
                $"<div><div class=\"triple\">{Step(item.Noisy, "shown")}{Step(item.Reconstructed, "given back")}{Step(item.Clean, "clean")}</div><p>{Text(item.Caption)}</p></div>\n");

            string Step(Image image, string name) => $"<figure>{ImageTag(image, $"{item.Caption}, {name}")}<figcaption>{name}</figcaption></figure>";
        }

        Raw($"</div>\n");
    }

    private void Features()
    {
        if (_data.FeaturesOf is { } image)
        {
            Raw(
                $"<figure class=\"seen\">{ImageTag(image, "The image behind the maps")}<figcaption>what it was shown</figcaption></figure>\n");
        }

        foreach (DemoReportData.FeatureMaps layer in _data.Features)
        {
            Raw($"<h3>{Text(layer.Name)}</h3>\n<div class=\"maps\">");
            for (int channel = 0; channel < layer.Maps.Count; channel++)
            {
                Raw($"{ImageTag(Gray(layer, channel), $"Channel {channel} of {layer.Name}")}");
            }

            Raw($"</div>\n");
        }
    }

    private void Network()
    {
        Raw(
            $"<div class=\"scroll\"><table><thead><tr><th>Layer</th><th>Kind</th><th>Output</th><th class=\"number\">Parameters</th></tr></thead><tbody>\n");
        foreach (DemoReportData.NetworkLayer layer in _data.Network)
        {
            Raw(
                $"<tr><td>{Text(layer.Name)}</td><td>{Text(layer.Kind)}</td><td>{Text(layer.Output)}</td><td class=\"number\">{layer.Parameters:N0}</td></tr>\n");
        }

        Raw(
            $"</tbody><tfoot><tr><td colspan=\"3\">All parameters</td><td class=\"number\">{_data.Network.Sum(layer => layer.Parameters):N0}</td></tr></tfoot></table></div>\n");
    }

    private void Run()
    {
        if (_data.Facts.Count > 0)
        {
            Raw($"<dl>\n");
            foreach (DemoReportData.Fact fact in _data.Facts)
            {
                Raw($"<div><dt>{Text(fact.Name)}</dt><dd>{Text(fact.Value)}</dd></div>\n");
            }

            Raw($"</dl>\n");
        }

        if (_data.Stages.Count == 0)
        {
            return;
        }

        double all = _data.Stages.Sum(stage => stage.Seconds);
        Raw($"<h3>Where the time went</h3>\n<div class=\"scroll\"><table><tbody>\n");
        foreach (DemoReportData.Stage stage in _data.Stages)
        {
            Raw(
                $"<tr><td>{Text(stage.Name)}{Bar(all > 0 ? stage.Seconds / all : 0)}</td><td class=\"number\">{stage.Seconds:0.0} s</td></tr>\n");
        }

        Raw($"</tbody><tfoot><tr><td>All</td><td class=\"number\">{all:0.0} s</td></tr></tfoot></table></div>\n");
    }

    private void Raw(FormattableString html) => _html.Append(html.ToString(CultureInfo.InvariantCulture));

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Bar(double share) => string.Create(
        CultureInfo.InvariantCulture, $"<span class=\"bar\"><i style=\"width:{(double.IsNaN(share) ? 0 : 100 * Math.Clamp(share, 0, 1)):0.#}%\"></i></span>");

    private static string ImageTag(Image image, string description) => string.Create(
        CultureInfo.InvariantCulture,
        $"<img width=\"{image.Width}\" height=\"{image.Height}\" alt=\"{Text(description)}\" src=\"data:image/png;base64,{Convert.ToBase64String(PngEncoder.Encode(image))}\">");

    /// <summary>A map as an image: its lowest value black, its highest white; gray where all are alike, black where a value is not a
    /// number.</summary>
    private static Image Gray(DemoReportData.FeatureMaps layer, int channel)
    {
        float[] map = layer.Maps[channel];
        if (map.LongLength != (long)layer.Width * layer.Height)
        {
            throw new ArgumentException(
                $"Map {channel} of '{layer.Name}' has {map.Length} values; expected {(long)layer.Width * layer.Height} for {layer.Width}x{layer.Height}.",
                nameof(layer));
        }

        float lowest = float.PositiveInfinity, highest = float.NegativeInfinity;
        foreach (float value in map)
        {
            if (float.IsFinite(value))
            {
                lowest = Math.Min(lowest, value);
                highest = Math.Max(highest, value);
            }
        }

        double range = (double)highest - lowest;
        byte[] pixels = Array.ConvertAll(
            map,
            value => float.IsNaN(value) ? (byte)0 : range > 0 ? (byte)Math.Round(Math.Clamp((value - lowest) / range, 0, 1) * 255) : (byte)128);
        return new Image(layer.Width, layer.Height, 1, pixels);
    }
}
