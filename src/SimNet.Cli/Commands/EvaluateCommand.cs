using System.CommandLine;
using System.Globalization;
using SimNet.Core;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary><c>simnet evaluate</c>: each picture of a data set asks a saved catalog; labels judge the answers.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var command = new Command("evaluate", "Measure a catalog's recommendations with pictures whose labels are known.");
        var catalog = new Option<string>("--catalog") { Required = true, HelpName = "CATALOG", Description = "The folder of a saved catalog." };
        var label = new Option<string>("--label") { Required = true, HelpName = "COLUMN", Description = "The attribute by which a recommendation is right, or 'category'." };
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 5, HelpName = "N", Description = "How many recommendations each picture gets." };
        var effort = new Option<int>("--effort") { HelpName = "N", Description = "Candidates an approximate index looks at; 0 for its own choice." };
        command.Options.Add(catalog);
        var data = new DataOptions(command, choosesPart: true);
        command.Options.Add(label);
        command.Options.Add(count);
        command.Options.Add(effort);
        return command.Runs(async (result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(catalog);
            ProductCatalog queries = data.Read(result);
            await using SimilarityEngine engine = await SimilarityEngine.OpenAsync(path, cancellationToken: cancellationToken);
            var options = new CatalogEvaluationOptions { Label = result.GetRequiredValue(label), Count = result.GetValue(count), SearchEffort = result.GetValue(effort) };
            CatalogEvaluationReport evaluation = await terminal.WithProgressAsync("Evaluating", show =>
                engine.EvaluateAsync(queries, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));
            EvaluateReport report = EvaluateReport.From(path, engine, options, evaluation);
            terminal.Result(report, ReportJson.Default.EvaluateReport, console => console.Write(Terminal.Facts($"{path} by {report.Label}",
                ("queries", report.Queries.ToString("N0", CultureInfo.InvariantCulture)),
                ("skipped (no such label in the catalog)", report.Skipped.ToString("N0", CultureInfo.InvariantCulture)),
                ("pictures that could not be read", report.Failures.Length.ToString("N0", CultureInfo.InvariantCulture)),
                ($"precision@{report.Count}", $"{report.Precision:P2}"),
                ($"recall@{report.Count}", $"{report.Recall:P2}"),
                ($"mAP@{report.Count}", $"{report.MeanAveragePrecision:P2}"),
                ($"nDCG@{report.Count}", $"{report.Ndcg:P2}"),
                ($"{report.Index} index: recall@{report.Count} of the exact search", report.IndexRecall is double recall ? $"{recall:P2}" : "not measured"),
                ("embedding", $"{report.EmbeddingSeconds:F1} s"),
                ($"search, {report.Threads} threads", $"{report.QueriesPerSecond:N0} queries/s"))));
        });
    }
}
