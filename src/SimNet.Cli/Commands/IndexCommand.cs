using System.CommandLine;
using System.Globalization;
using SimNet.Core;
using SimNet.Index;
using SimNet.Models;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary><c>simnet index</c>: embeds and indexes product images, and saves the catalog.</summary>
internal static class IndexCommand
{
    public static Command Create()
    {
        var command = new Command("index", "Embeds and indexes product images and saves the catalog.");
        var model = new Option<string>("--model")
        {
            DefaultValueFactory = _ => ModelArgument.Default,
            HelpName = "MODEL",
            Description = "The model: " + ModelArgument.Description,
        };
        var output = new Option<string>("--out")
        {
            Required = true,
            HelpName = "CATALOG",
            Description = "The folder to save the catalog to.",
        };
        var kind = new Option<IndexKind>("--index")
        {
            DefaultValueFactory = _ => IndexKind.Auto,
            Description = "The kind of index to build.",
        };
        var recall = new Option<double>("--recall")
        {
            DefaultValueFactory = _ => 0.95,
            HelpName = "SHARE",
            Description = "The share of the nearest images that queries are to find; above 0, at most 1.",
        };
        var metric = new Option<Metric?>("--metric") { Description = ModelArgument.MetricDescription };
        command.Options.Add(model);
        var data = new DataOptions(command, choosesPart: true);
        command.Options.Add(output);
        command.Options.Add(kind);
        command.Options.Add(recall);
        command.Options.Add(metric);
        var images = new ImageOptions(command, readsMany: true);
        var backend = new BackendOption(command, trains: false);
        return command.WithAction(async (result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(output);
            IInferenceBackend? selected = backend.Create(result);
            OutputPath.RequireFolder(path);
            ProductCatalog products = data.Read(result, terminal);
            using SimilarityEngine engine = await terminal.WithProgressAsync("Indexing", async show => await ModelArgument
                .CreateBuilder(result.GetRequiredValue(model), result.GetValue(metric), images.CreateEmbedderOptions(result, selected))
                .UseIndex(result.GetValue(kind), result.GetValue(recall))
                .AddProducts(products)
                .BuildAsync(CreateProgress(show), cancellationToken));
            if (engine.Report.ImageCount == 0)
            {
                terminal.Warn(engine.Report.Failures);
                throw new CatalogFormatException(path, "is not written, because " + (engine.Report.Failures.IsEmpty
                    ? "there are no products to index."
                    : $"none of the {engine.Report.Failures.Length} images can be read. "
                        + $"The first problem: {engine.Report.Failures[0].Problem}"));
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
                EstimatedRecall = engine.Report.EstimatedRecall,
                EmbeddingSeconds = engine.Report.EmbeddingTime.TotalSeconds,
                IndexingSeconds = engine.Report.IndexingTime.TotalSeconds,
                Failures = [.. engine.Report.Failures],
                BlemishedImages = [.. engine.Report.BlemishedImages],
                Data = data.Report,
            };
            terminal.Result(report, ReportJson.Default.IndexReport, console =>
            {
                console.Write(Terminal.Facts($"Catalog {path}",
                    ("products", report.Products.ToString("N0", CultureInfo.InvariantCulture)),
                    ("images", report.Images.ToString("N0", CultureInfo.InvariantCulture)),
                    ("skipped", report.Failures.Length.ToString("N0", CultureInfo.InvariantCulture)),
                    ("with blemishes", report.BlemishedImages.Length.ToString("N0", CultureInfo.InvariantCulture)),
                    ("dimensions", report.Dimensions.ToString("N0", CultureInfo.InvariantCulture)),
                    ("index", $"{report.Index}, {report.Metric}"),
                    ("recall of the index", Terminal.Recall(report.EstimatedRecall)),
                    ("embedding", $"{report.EmbeddingSeconds:F1} s"),
                    ("indexing", $"{report.IndexingSeconds:F1} s")));
            });
            terminal.Warn(report.Failures);
        });
    }

    /// <summary>Shows the progress of a build, most of whose time is spent on embedding images.</summary>
    public static IProgress<BuildProgress> CreateProgress(Action<double, string> show) => new ForwardedProgress<BuildProgress>(progress =>
    {
        double done = progress.Total == 0 ? 1 : (double)progress.Completed / progress.Total;
        show(
            progress.Stage == BuildStage.Embedding ? 0.9 * done : 0.9 + (0.1 * done),
            progress.Stage == BuildStage.Embedding ? $"{progress.Completed:N0} of {progress.Total:N0} images" : "building the index");
    });
}
