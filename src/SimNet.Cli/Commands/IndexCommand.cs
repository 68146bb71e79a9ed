using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SimNet.Core;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary><c>simnet index</c>: embeds the images of a catalog, indexes them and saves the whole.</summary>
internal static class IndexCommand
{
    public static Command Create()
    {
        var command = new Command("index", "Embed and index a catalog of product images.");
        var model = new Option<string>("--model") { DefaultValueFactory = _ => ModelArgument.Default, HelpName = "MODEL", Description = "What embeds: " + ModelArgument.Description };
        var output = new Option<string>("--out") { Required = true, HelpName = "CATALOG", Description = "The folder to save the catalog to." };
        var kind = new Option<IndexKind>("--index") { DefaultValueFactory = _ => IndexKind.Auto, Description = "Which index to build." };
        var metric = new Option<Metric?>("--metric") { Description = ModelArgument.MetricDescription };
        command.Options.Add(model);
        var data = new DataOptions(command, choosesPart: true);
        command.Options.Add(output);
        command.Options.Add(kind);
        command.Options.Add(metric);
        var backend = new BackendOption(command, trains: false);
        return command.Runs(async (result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(output);
            IInferenceBackend? computes = backend.Create(result);
            ProductCatalog products = data.Read(result);
            using SimilarityEngine engine = await terminal.WithProgressAsync("Indexing", async show => await ModelArgument.CreateBuilder(result.GetRequiredValue(model), result.GetValue(metric), computes)
                .UseIndex(result.GetValue(kind))
                .AddProducts(products)
                .BuildAsync(Shown(show), cancellationToken));
            if (engine.Report.ImageCount == 0)
            {
                throw new CatalogFormatException(path, "was not written: " + (engine.Report.Failures.IsEmpty
                    ? "there is no product to put into it."
                    : $"none of the {engine.Report.Failures.Length} images could be read; the first: {engine.Report.Failures[0].Problem}"));
            }

            await engine.SaveAsync(path, cancellationToken);
            var report = new IndexReport
            {
                Catalog = path,
                Products = engine.Report.ProductCount,
                Images = engine.Report.ImageCount,
                Dimensions = engine.Embedder.Dimensions,
                Index = engine.Index.Kind,
                Metric = engine.Index.Metric.ToString(),
                EmbeddingSeconds = engine.Report.EmbeddingTime.TotalSeconds,
                IndexingSeconds = engine.Report.IndexingTime.TotalSeconds,
                Failures = [.. engine.Report.Failures],
            };
            terminal.Result(report, ReportJson.Default.IndexReport, console =>
            {
                console.Write(Terminal.Facts($"Catalog {path}",
                    ("products", report.Products.ToString("N0", CultureInfo.InvariantCulture)),
                    ("images", report.Images.ToString("N0", CultureInfo.InvariantCulture)),
                    ("left out", report.Failures.Length.ToString("N0", CultureInfo.InvariantCulture)),
                    ("dimensions", report.Dimensions.ToString("N0", CultureInfo.InvariantCulture)),
                    ("index", $"{report.Index}, {report.Metric}"),
                    ("embedding", $"{report.EmbeddingSeconds:F1} s"),
                    ("indexing", $"{report.IndexingSeconds:F1} s")));
                terminal.Warn(report.Failures);
            });
        });
    }

    /// <summary>A build's progress as a share of the bar: nearly all of the time goes into the images.</summary>
    public static IProgress<BuildProgress> Shown(Action<double, string> show) => new ForwardedProgress<BuildProgress>(progress =>
    {
        double done = progress.Total == 0 ? 1 : (double)progress.Completed / progress.Total;
        show(progress.Stage == BuildStage.Embedding ? 0.9 * done : 0.9 + (0.1 * done),
            progress.Stage == BuildStage.Embedding ? $"{progress.Completed:N0} of {progress.Total:N0} images" : "building the index");
    });
}
