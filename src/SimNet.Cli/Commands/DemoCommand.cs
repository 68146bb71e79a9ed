using System.CommandLine;
using System.Globalization;
using SimNet.Core;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary><c>simnet demo</c>: runs all steps in a few minutes and writes an HTML report.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "Runs all steps on drawn or given product images and writes an HTML report.");
        var data = new Option<string?>("--data")
        {
            HelpName = "PATH",
            Description = "The products, as for the other commands. By default, products of ten categories are drawn.",
        };
        var label = new Option<string?>("--label")
        {
            HelpName = "COLUMN",
            Description = "The attribute that decides whether a recommendation is relevant; 'category' by default, "
                + "or else the attribute with several values that most products have.",
        };
        var output = new Option<string>("--out")
        {
            DefaultValueFactory = _ => "demo",
            HelpName = "DIR",
            Description = "The folder to write to.",
        };
        var products = new Option<int>("--products")
        {
            DefaultValueFactory = _ => 2000,
            HelpName = "N",
            Description = "The number of products to draw, or the largest number to read.",
        };
        var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 30, HelpName = "N", Description = "The number of epochs." };
        var seed = new Option<int>("--seed")
        {
            DefaultValueFactory = _ => 1,
            HelpName = "N",
            Description = "The seed of all random choices.",
        };
        command.Options.Add(data);
        command.Options.Add(label);
        command.Options.Add(output);
        command.Options.Add(products);
        command.Options.Add(epochs);
        command.Options.Add(seed);
        return command.WithAction(async (result, terminal, cancellationToken) =>
        {
            var run = new DemoRun(terminal)
            {
                Data = result.GetValue(data),
                RequestedLabel = result.GetValue(label),
                Folder = result.GetRequiredValue(output),
                ProductCount = result.GetValue(products),
                Epochs = result.GetValue(epochs),
                Seed = result.GetValue(seed),
            };
            DemoSummary summary = await run.RunAsync(cancellationToken);
            terminal.Result(summary, ReportJson.Default.DemoSummary, console =>
            {
                Table table = new Table().Title("Recommendations by " + Markup.Escape(summary.Label)).Border(TableBorder.Rounded)
                    .AddColumn("")
                    .AddColumn(new TableColumn("trained").RightAligned())
                    .AddColumn(new TableColumn("default model").RightAligned())
                    .AddColumn(new TableColumn("raw pixels").RightAligned());
                Add($"precision@{summary.Trained.Count}", report => $"{report.Precision:P1}");
                Add($"mAP@{summary.Trained.Count}", report => $"{report.MeanAveragePrecision:P1}");
                Add($"nDCG@{summary.Trained.Count}", report => $"{report.Ndcg:P1}");
                Add("index recall", report => report.IndexRecall is double recall ? $"{recall:P1}" : "exact");
                Add("queries/s", report => report.QueriesPerSecond.ToString("N0", CultureInfo.InvariantCulture));
                console.Write(table);
                console.MarkupLineInterpolated(
                    $"Reconstruction accuracy on test images: {summary.ReconstructionAccuracy:P1}. Total time: {summary.Seconds:F0} s.");
                console.MarkupLineInterpolated($"Report: [link]{summary.Report}[/]");

                void Add(string name, Func<EvaluateReport, string> value) =>
                    table.AddRow(name, value(summary.Trained), value(summary.DefaultModel), value(summary.RawPixels));
            });
        });
    }
}
