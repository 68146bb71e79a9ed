using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using SimNet.Core;
using SimNet.Embeddings;

namespace SimNet.Cli;

/// <summary><c>simnet query</c>: the products of a saved catalog that look like an image or like one of its products.</summary>
internal static class QueryCommand
{
    public static Command Create()
    {
        var command = new Command("query", "Find the products that look like an image, or like a product of the catalog.");
        var catalog = new Option<string>("--catalog") { Required = true, HelpName = "CATALOG", Description = "The folder of a saved catalog." };
        var image = new Option<string?>("--image") { HelpName = "FILE", Description = "An image file." };
        var product = new Option<string?>("--product") { HelpName = "ID", Description = "The id of a product of the catalog." };
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 5, HelpName = "N", Description = "How many products to find." };
        command.Options.Add(catalog);
        command.Options.Add(image);
        command.Options.Add(product);
        command.Options.Add(count);
        var backend = new BackendOption(command, trains: false);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(image) is null) == (result.GetValue(product) is null))
            {
                result.AddError("Give either --image or --product.");
            }
        });
        return command.Runs(async (result, terminal, cancellationToken) =>
        {
            await using SimilarityEngine engine = await SimilarityEngine.OpenAsync(
                result.GetRequiredValue(catalog), new EngineOptions { Embedder = new ImageEmbedderOptions { Backend = backend.Create(result) } }, cancellationToken);
            long start = Stopwatch.GetTimestamp();
            IReadOnlyList<Recommendation> hits = result.GetValue(image) is { } path
                ? await engine.FindSimilarAsync(path, result.GetValue(count), cancellationToken)
                : await engine.FindSimilarToProductAsync(result.GetValue(product)!, result.GetValue(count), cancellationToken);
            var report = new QueryReport
            {
                Query = result.GetValue(image) ?? result.GetValue(product)!,
                Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds,
                Hits = [.. hits.Select(hit => new QueryHit(hit.Product.Id, hit.Distance, hit.Product.Category, hit.Product.Attributes, hit.Image.FilePath ?? hit.Image.Name))],
            };
            terminal.Result(report, ReportJson.Default.QueryReport, console =>
            {
                Table table = new Table().Title(Markup.Escape($"Like {report.Query}")).Border(TableBorder.Rounded)
                    .AddColumn("Product").AddColumn(new TableColumn("Distance").RightAligned()).AddColumn("What it is").AddColumn("Image");
                foreach (QueryHit hit in report.Hits)
                {
                    string what = string.Join(", ", new[] { hit.Category }.Where(category => category is not null).Concat(hit.Attributes.Select(pair => pair.Value)));
                    table.AddRow(Markup.Escape(hit.Product), hit.Distance.ToString("F4", CultureInfo.InvariantCulture), Markup.Escape(what), Markup.Escape(hit.Image));
                }

                console.Write(table);
            });
        });
    }
}
