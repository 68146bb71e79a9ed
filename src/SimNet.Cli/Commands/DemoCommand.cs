using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SimNet.Core;

namespace SimNet.Cli;

/// <summary><c>simnet demo</c>: the whole way in under three minutes, and a report of it to look at.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "Walk the whole way: draw or read a catalog, train, index, recommend, measure; write a report.");
        var data = new Option<string?>("--data") { HelpName = "PATH", Description = "Product images to use; without it a catalog of ten kinds of product is drawn." };
        var label = new Option<string?>("--label") { HelpName = "COLUMN", Description = "The attribute by which a recommendation is right; without it 'category', or the attribute that most products have with several values." };
        var output = new Option<string>("--out") { DefaultValueFactory = _ => "demo", HelpName = "DIR", Description = "The folder to write to." };
        var products = new Option<int>("--products") { DefaultValueFactory = _ => 2000, HelpName = "N", Description = "How many products to draw, or at most to take." };
        var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 30, HelpName = "N", Description = "Passes over the images." };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, HelpName = "N", Description = "Seed of everything that is left to chance." };
        command.Options.Add(data);
        command.Options.Add(label);
        command.Options.Add(output);
        command.Options.Add(products);
        command.Options.Add(epochs);
        command.Options.Add(seed);
        return command.Runs(async (result, terminal, cancellationToken) =>
        {
            var run = new DemoRun(terminal)
            {
                Data = result.GetValue(data),
                AskedLabel = result.GetValue(label),
                Folder = result.GetRequiredValue(output),
                ProductCount = result.GetValue(products),
                Epochs = result.GetValue(epochs),
                Seed = result.GetValue(seed),
            };
            DemoSummary summary = await run.RunAsync(cancellationToken);
            terminal.Result(summary, ReportJson.Default.DemoSummary, console =>
            {
                Table table = new Table().Title("Recommendations, judged by " + Markup.Escape(summary.Label)).Border(TableBorder.Rounded)
                    .AddColumn("").AddColumn(new TableColumn("learned").RightAligned()).AddColumn(new TableColumn("ready-made").RightAligned()).AddColumn(new TableColumn("raw pixels").RightAligned());
                Add($"precision@{summary.Learned.Count}", report => $"{report.Precision:P1}");
                Add($"mAP@{summary.Learned.Count}", report => $"{report.MeanAveragePrecision:P1}");
                Add($"nDCG@{summary.Learned.Count}", report => $"{report.Ndcg:P1}");
                Add("index recall", report => report.IndexRecall is double recall ? $"{recall:P1}" : "exact");
                Add("queries/s", report => report.QueriesPerSecond.ToString("N0", CultureInfo.InvariantCulture));
                console.Write(table);
                console.MarkupLineInterpolated($"Reconstruction accuracy on held-out images {summary.ReconstructionAccuracy:P1}; {summary.Seconds:F0} s in all.");
                console.MarkupLineInterpolated($"Report: [link]{summary.Report}[/]");

                void Add(string name, Func<EvaluateReport, string> value) => table.AddRow(name, value(summary.Learned), value(summary.ReadyMade), value(summary.RawPixels));
            });
        });
    }
}
