using System.CommandLine;
using System.Globalization;
using SimNet.Core;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary><c>simnet info</c>: describes a saved catalog.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var command = new Command("info", "Describes a saved catalog: its products, its model, and its index with the recall measured.");
        var catalog = new Option<string>("--catalog")
        {
            Required = true,
            HelpName = "CATALOG",
            Description = "The folder of a saved catalog.",
        };
        command.Options.Add(catalog);
        return command.WithAction(async (result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(catalog);
            await using SimilarityEngine engine = await SimilarityEngine.OpenAsync(path, cancellationToken: cancellationToken);
            Model model = engine.Embedder.Model;
            var report = new InfoReport
            {
                Catalog = path,
                Products = engine.Report.ProductCount,
                Images = engine.Report.ImageCount,
                Network = model.Network.Name,
                Model = model.Id,
                Dimensions = engine.Embedder.Dimensions,
                Index = engine.Index.Kind,
                Metric = engine.Index.Metric.ToString(),
                EstimatedRecall = engine.Report.EstimatedRecall,
            };
            terminal.Result(report, ReportJson.Default.InfoReport, console => console.Write(Terminal.Facts($"Catalog {path}",
                ("products", report.Products.ToString("N0", CultureInfo.InvariantCulture)),
                ("images", report.Images.ToString("N0", CultureInfo.InvariantCulture)),
                ("network", report.Network),
                ("model", report.Model),
                ("dimensions", report.Dimensions.ToString("N0", CultureInfo.InvariantCulture)),
                ("index", $"{report.Index}, {report.Metric}"),
                ("recall of the index", Terminal.Recall(report.EstimatedRecall)))));
        });
    }
}
