using System.Globalization;
using System.Net;
using System.Text;
using SimNet.Embeddings;
using SimNet.Evaluation;

namespace SimNet.Cli;

/// <summary>
/// Renders the result of the demo as one self-contained HTML page, with embedded images and without scripts. The same data always gives the
/// same page. All texts of the data are encoded, so they cannot contain markup.
/// </summary>
internal sealed class DemoReport
{
    private readonly StringBuilder _html = new();
    private readonly DemoReportData _data;

    private DemoReport(DemoReportData data) => _data = data;

    /// <summary>Renders the page.</summary>
    /// <exception cref="ArgumentException">The number of values of a feature map does not match its width and height.</exception>
    public static string Render(DemoReportData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var report = new DemoReport(data);
        report.Page();
        return report._html.ToString();
    }

    private void Page()
    {
        // The policy blocks all external content.
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
            <li><a href="#recommendations">Recommendations</a></li>
            <li><a href="#quality">Quality</a></li>
            <li><a href="#training">Training</a></li>
            <li><a href="#reconstructions">Reconstructions</a></li>
            <li><a href="#features">Feature maps</a></li>
            <li><a href="#network">Network</a></li>
            <li><a href="#run">Run</a></li>
            </ul></nav>
            <main>

            """);
        Section(
            "recommendations",
            "Recommendations",
            "Each query with its recommendations, nearest first, and their distances: in the first row by the model trained on these "
                + "images, in the second row by the default model. The distances of the two models have different scales.",
            _data.Queries.Count,
            Queries);
        Section(
            "quality",
            "Quality",
            "The same queries with the model trained on these images, with the default model, and with raw pixels.",
            _data.Metrics.Count,
            Metrics);
        Section(
            "training",
            "Training",
            "After each epoch: the loss, and the share of pixels reconstructed on the correct side of mid-gray.",
            _data.LearningCurve.Count,
            LearningCurve);
        Section(
            "reconstructions",
            "Reconstructions",
            "The noisy input of the network, its output, and the image without noise.",
            _data.Reconstructions.Count,
            Reconstructions);
        Section(
            "features",
            "Feature maps",
            "Each small image is one channel, from its lowest value in black to its highest in white.",
            _data.Features.Count,
            Features);
        Section("network", "The network", "", _data.Network.Count, Network);
        Section("run", "The run", "", _data.Stages.Count + _data.Facts.Count, Run);
        Raw($"""
            </main>
            <footer><p>All results on this page are computed by this run.</p></footer>
            </body>
            </html>

            """);
    }

    private void Section(string id, string heading, string note, int count, Action content)
    {
        string shown = count == 0 ? "This run has no data for this section." : note;
        Raw($"<section id=\"{id}\">\n<h2>{Text(heading)}</h2>\n<p class=\"note\">{Text(shown)}</p>\n");
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
            string Comparison(string name, double? number) =>
                number is double value ? $"<small>{name}: {Text(Format(value, metric.Format))}</small>" : "";

            tiles.Append("<div class=\"tile\">")
                .Append("<b>").Append(Text(Format(metric.Trained, metric.Format))).Append("</b>")
                .Append("<span>").Append(Text(metric.Name)).Append("</span>")
                .Append(Comparison("default model", metric.DefaultModel)).Append(Comparison("raw pixels", metric.RawPixels))
                .Append("</div>");
        }

        return tiles.Append("</div>").ToString();
    }

    private void Queries()
    {
        foreach (DemoReportData.Query query in _data.Queries)
        {
            Raw($"<div class=\"query\">\n<figure>{ImageTag(query.Image, query.Caption)}");
            Raw($"<figcaption><b>{Text(query.Caption)}</b></figcaption></figure>\n<div>\n");
            Results("Trained on these images", query.Trained);
            Results("Default model", query.DefaultModel);
            Raw($"</div>\n</div>\n");
        }
    }

    private void Results(string by, IReadOnlyList<DemoReportData.Result> results)
    {
        Raw($"<h3>{Text(by)}</h3>\n<div class=\"results\">\n");
        foreach (DemoReportData.Result result in results)
        {
            (string style, string badge) = result.SameCategory ? ("same", "same category") : ("other", "other category");
            Raw($"<figure class=\"{style}\">{ImageTag(result.Image, result.Caption)}<figcaption>{Text(result.Caption)}<br>");
            Raw($"<small>{result.Distance:0.000}</small> <span class=\"badge\">{badge}</span></figcaption></figure>\n");
        }

        Raw($"</div>\n");
    }

    private void Metrics()
    {
        Raw($"<div class=\"scroll\"><table><thead><tr><th>Measure</th><th class=\"number\">Trained on these images</th>");
        Raw($"<th class=\"number\">Default model</th><th class=\"number\">Raw pixels</th></tr></thead><tbody>\n");
        foreach (DemoReportData.Metric metric in _data.Metrics)
        {
            Raw($"<tr><td>{Text(metric.Name)}<small>{Text(metric.Explanation)}</small></td>");
            Raw($"<td class=\"number\">{Cell(metric.Trained)}</td><td class=\"number\">{Cell(metric.DefaultModel)}</td>");
            Raw($"<td class=\"number raw\">{Cell(metric.RawPixels)}</td></tr>\n");

            string Cell(double? number) => number is not double value ? "&ndash;"
                : Text(Format(value, metric.Format)) + (metric.Format.StartsWith('P') ? Bar(value) : "");
        }

        Raw($"</tbody></table></div>\n");
    }

    private void LearningCurve()
    {
        string loss = Chart(_data.LossName, epoch => epoch.TrainingLoss, epoch => epoch.ValidationLoss);
        string accuracy = Chart("reconstruction accuracy", epoch => epoch.TrainingAccuracy, epoch => epoch.ValidationAccuracy);
        Raw($"<div class=\"charts\">\n{loss}\n{accuracy}\n</div>\n");
    }

    private string Chart(string title, Func<DemoReportData.Epoch, double> training, Func<DemoReportData.Epoch, double> validation)
    {
        LineSeries Line(string name, Func<DemoReportData.Epoch, double> value) =>
            new(name, [.. _data.LearningCurve.Select(epoch => ((double)epoch.Number, value(epoch)))]);
        var chart = new LineChart
        {
            Title = title,
            XTitle = "epoch",
            Series = [Line("training", training), Line("validation", validation)],
        };

        // HTML does not need the namespace.
        return chart.ToSvg().Replace(" xmlns=\"http://www.w3.org/2000/svg\"", "", StringComparison.Ordinal);
    }

    private void Reconstructions()
    {
        Raw($"<div class=\"triples\">\n");
        foreach (DemoReportData.Reconstruction item in _data.Reconstructions)
        {
            Raw($"<div><div class=\"triple\">");
            Raw($"{Step(item.Noisy, "input")}{Step(item.Reconstructed, "output")}{Step(item.Clean, "original")}");
            Raw($"</div><p>{Text(item.Caption)}</p></div>\n");

            string Step(Image image, string name) =>
                $"<figure>{ImageTag(image, $"{item.Caption}, {name}")}<figcaption>{name}</figcaption></figure>";
        }

        Raw($"</div>\n");
    }

    private void Features()
    {
        if (_data.FeaturesOf is { } image)
        {
            Raw($"<figure class=\"seen\">{ImageTag(image, "The input of the network")}<figcaption>input</figcaption></figure>\n");
        }

        foreach (DemoReportData.FeatureMaps layer in _data.Features)
        {
            Raw($"<h3>{Text(layer.Name)}</h3>\n<div class=\"maps\">");
            for (int channel = 0; channel < layer.Maps.Count; channel++)
            {
                Raw($"{ImageTag(RenderMap(layer, channel), $"Channel {channel} of {layer.Name}")}");
            }

            Raw($"</div>\n");
        }
    }

    private void Network()
    {
        Raw($"<div class=\"scroll\"><table><thead><tr><th>Layer</th><th>Kind</th><th>Output</th>");
        Raw($"<th class=\"number\">Parameters</th></tr></thead><tbody>\n");
        foreach (DemoReportData.NetworkLayer layer in _data.Network)
        {
            Raw($"<tr><td>{Text(layer.Name)}</td><td>{Text(layer.Kind)}</td><td>{Text(layer.Output)}</td>");
            Raw($"<td class=\"number\">{layer.Parameters:N0}</td></tr>\n");
        }

        long parameters = _data.Network.Sum(layer => layer.Parameters);
        Raw($"</tbody><tfoot><tr><td colspan=\"3\">Total</td><td class=\"number\">{parameters:N0}</td></tr></tfoot></table></div>\n");
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

        double total = _data.Stages.Sum(stage => stage.Seconds);
        Raw($"<h3>Time</h3>\n<div class=\"scroll\"><table><tbody>\n");
        foreach (DemoReportData.Stage stage in _data.Stages)
        {
            Raw($"<tr><td>{Text(stage.Name)}{Bar(total > 0 ? stage.Seconds / total : 0)}</td>");
            Raw($"<td class=\"number\">{stage.Seconds:0.0} s</td></tr>\n");
        }

        Raw($"</tbody><tfoot><tr><td>Total</td><td class=\"number\">{total:0.0} s</td></tr></tfoot></table></div>\n");
    }

    private void Raw(FormattableString html) => _html.Append(html.ToString(CultureInfo.InvariantCulture));

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Bar(double share)
    {
        double percent = double.IsNaN(share) ? 0 : 100 * Math.Clamp(share, 0, 1);
        return string.Create(CultureInfo.InvariantCulture, $"<span class=\"bar\"><i style=\"width:{percent:0.#}%\"></i></span>");
    }

    private static string ImageTag(Image image, string description) => string.Create(
        CultureInfo.InvariantCulture,
        $"<img width=\"{image.Width}\" height=\"{image.Height}\" alt=\"{Text(description)}\" "
            + $"src=\"data:image/png;base64,{Convert.ToBase64String(PngEncoder.Encode(image))}\">");

    /// <summary>
    /// Renders a feature map from black for its lowest value to white for its highest. A map of equal values is gray; NaN is black.
    /// </summary>
    private static Image RenderMap(DemoReportData.FeatureMaps layer, int channel)
    {
        float[] map = layer.Maps[channel];
        if (map.LongLength != (long)layer.Width * layer.Height)
        {
            throw new ArgumentException(
                $"Map {channel} of '{layer.Name}' has {map.Length} values; "
                    + $"expected {(long)layer.Width * layer.Height} for {layer.Width}x{layer.Height}.",
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
        return new Image(layer.Width, layer.Height, 1, Array.ConvertAll(map, Shade));

        byte Shade(float value) =>
            float.IsNaN(value) ? (byte)0 : range > 0 ? (byte)Math.Round(Math.Clamp((value - lowest) / range, 0, 1) * 255) : (byte)128;
    }
}
