using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary><c>simnet query</c>: finds the products of a saved catalog that look like an image or like one of its products.</summary>
internal static class QueryCommand
{
    public static Command Create()
    {
        var command = new Command("query", "Finds the products of a catalog that look like an image, or like one of its products.");
        var catalog = new Option<string>("--catalog")
        {
            Required = true,
            HelpName = "CATALOG",
            Description = "The folder of a saved catalog.",
        };
        var image = new Option<string?>("--image") { HelpName = "FILE", Description = "The image file." };
        var product = new Option<string?>("--product") { HelpName = "ID", Description = "The ID of a product of the catalog." };
        var count = new Option<int>("--count")
        {
            DefaultValueFactory = _ => 5,
            HelpName = "N",
            Description = "The largest number of products to find.",
        };
        command.Options.Add(catalog);
        command.Options.Add(image);
        command.Options.Add(product);
        command.Options.Add(count);
        var images = new ImageOptions(command, readsMany: false);
        var backend = new BackendOption(command, trains: false);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(image) is null) == (result.GetValue(product) is null))
            {
                result.AddError("Specify either --image or --product.");
            }
        });
        return command.WithAction(async (result, terminal, cancellationToken) =>
        {
            var options = new EngineOptions { Embedder = images.CreateEmbedderOptions(result, backend.Create(result)) };
            await using SimilarityEngine engine =
                await SimilarityEngine.OpenAsync(result.GetRequiredValue(catalog), options, cancellationToken);
            long start = Stopwatch.GetTimestamp();
            IReadOnlyList<Recommendation> hits = result.GetValue(image) is { } path
                ? await engine.FindSimilarAsync(path, result.GetValue(count), cancellationToken)
                : await engine.FindSimilarToProductAsync(result.GetValue(product)!, result.GetValue(count), cancellationToken);
            var report = new QueryReport
            {
                Query = result.GetValue(image) ?? result.GetValue(product)!,
                Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds,
                Hits = [.. hits.Select(QueryHit.From)],
            };
            terminal.Result(report, ReportJson.Default.QueryReport, console =>
            {
                Table table = new Table().Title(Markup.Escape($"Products like {report.Query}")).Border(TableBorder.Rounded)
                    .AddColumn("Product").AddColumn(new TableColumn("Distance").RightAligned()).AddColumn("Labels").AddColumn("Image");
                foreach (QueryHit hit in report.Hits)
                {
                    string labels = string.Join(", ", new[] { hit.Category }.OfType<string>().Concat(hit.Attributes.Values));
                    string distance = hit.Distance.ToString("F4", CultureInfo.InvariantCulture);
                    table.AddRow(Markup.Escape(hit.Product), distance, Markup.Escape(labels), Markup.Escape(hit.Image));
                }

                console.Write(table);
            });
        });
    }
}
