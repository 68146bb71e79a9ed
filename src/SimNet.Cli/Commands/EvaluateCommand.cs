using System.CommandLine;
using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary><c>simnet evaluate</c>: each image of a data set asks a saved catalog, or each test image the train part; labels judge the answers.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var command = new Command("evaluate", "Measure a catalog's recommendations, or a model, with images whose labels are known.");
        var catalog = new Option<string?>("--catalog") { HelpName = "CATALOG", Description = "The folder of a saved catalog, which the images ask." };
        var model = new Option<string?>("--model") { HelpName = "MODEL", Description = "Judge a model instead of a catalog, by the split that 'train' makes with the same options: the test part asks the train part. MODEL is " + ModelArgument.Description };
        var label = new Option<string>("--label") { Required = true, HelpName = "COLUMN", Description = "The attribute by which a recommendation is right, or 'category'." };
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 5, HelpName = "N", Description = "How many recommendations each image gets." };
        var effort = new Option<int>("--effort") { HelpName = "N", Description = "Candidates an approximate index looks at; 0 for its own choice." };
        var metric = new Option<Metric?>("--metric") { Description = "With --model: " + ModelArgument.MetricDescription };
        command.Options.Add(catalog);
        command.Options.Add(model);
        var data = new DataOptions(command, choosesPart: true);
        command.Options.Add(label);
        command.Options.Add(count);
        command.Options.Add(effort);
        command.Options.Add(metric);
        var backend = new BackendOption(command, trains: false);
        var split = new LabelSplitOptions(command, data);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(catalog) is null) == (result.GetValue(model) is null))
            {
                result.AddError("Give either --catalog or --model.");
            }
        });
        return command.Runs(async (result, terminal, cancellationToken) =>
        {
            var options = new CatalogEvaluationOptions { Label = result.GetRequiredValue(label), Count = result.GetValue(count), SearchEffort = result.GetValue(effort) };
            IInferenceBackend? computes = backend.Create(result);
            if (result.GetValue(model) is not { } modelPath)
            {
                string path = result.GetValue(catalog)!;
                ProductCatalog queries = data.Read(result);
                await using SimilarityEngine saved = await SimilarityEngine.OpenAsync(path, new EngineOptions { Embedder = new ImageEmbedderOptions { Backend = computes } }, cancellationToken);
                CatalogEvaluationReport answers = await EvaluateAsync(saved, queries, options, terminal, cancellationToken);
                Print(terminal, path, EvaluateReport.From(path, saved, options, answers), classification: null);
                return;
            }

            SimilarityEngineBuilder builder = ModelArgument.CreateBuilder(modelPath, result.GetValue(metric), computes);
            terminal.Note("Reading the images and splitting them by label");
            CatalogSplit parts = await split.ReadAsync(result, options.Label, cancellationToken);
            using SimilarityEngine engine = await terminal.WithProgressAsync("Indexing the train part", async show => await builder
                .UseIndex(IndexKind.Exact)
                .AddProducts(parts.Training)
                .BuildAsync(IndexCommand.Shown(show), cancellationToken));
            CatalogEvaluationReport evaluation = await EvaluateAsync(engine, parts.Test, options, terminal, cancellationToken);
            Model judged = engine.Embedder.Model;
            ClassifierEvaluationReport? classification = !Classifies(judged, parts.Test, options.Label) ? null
                : await terminal.WithProgressAsync("Classifying", async show =>
                {
                    using var classifier = new ImageClassifier(judged, new ImageEmbedderOptions { Backend = computes });
                    return await classifier.EvaluateAsync(parts.Test, options.Label, new ForwardedProgress<double>(share => show(share, "")), cancellationToken);
                });
            Print(terminal, modelPath, EvaluateReport.From(null, engine, options, evaluation) with
            {
                Model = modelPath,
                Classification = classification is null ? null : ClassificationSummary.From(classification),
            }, classification);
        });
    }

    /// <summary>Whether a model tells classes by this label, and some product is of one of them: another shop's labels may have the same name.</summary>
    private static bool Classifies(Model model, ProductCatalog products, string label)
        => model.Metadata.GetValueOrDefault(ClassifierTraining.LabelKey) == label
            && ImageClassifier.ReadClasses(model.Metadata) is { } classes
            && products.Any(product => product.GetLabel(label) is { } name && classes.Contains(name));

    private static Task<CatalogEvaluationReport> EvaluateAsync(
        SimilarityEngine engine, ProductCatalog queries, CatalogEvaluationOptions options, Terminal terminal, CancellationToken cancellationToken) =>
        terminal.WithProgressAsync("Evaluating", show => engine.EvaluateAsync(queries, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));

    private static void Print(Terminal terminal, string name, EvaluateReport report, ClassifierEvaluationReport? classification) =>
        terminal.Result(report, ReportJson.Default.EvaluateReport, console =>
        {
            if (classification is not null)
            {
                ClassificationTables.Write(console, "Classification of the test part", classification);
            }

            console.Write(Terminal.Facts($"{name} by {report.Label}",
                ("products that can be recommended", report.Products.ToString("N0", CultureInfo.InvariantCulture)),
                ("queries", report.Queries.ToString("N0", CultureInfo.InvariantCulture)),
                ("skipped (no such label in the catalog)", report.Skipped.ToString("N0", CultureInfo.InvariantCulture)),
                ("images that could not be read", report.Failures.Length.ToString("N0", CultureInfo.InvariantCulture)),
                ($"precision@{report.Count}", $"{report.Precision:P2}"),
                ($"recall@{report.Count}", $"{report.Recall:P2}"),
                ($"mAP@{report.Count}", $"{report.MeanAveragePrecision:P2}"),
                ($"nDCG@{report.Count}", $"{report.Ndcg:P2}"),
                ("vectors compared by", report.Metric),
                ($"{report.Index} index: recall@{report.Count} of the exact search", report.IndexRecall is double recall ? $"{recall:P2}" : "not measured"),
                ("embedding", $"{report.EmbeddingSeconds:F1} s"),
                ($"search, {report.Threads} threads", $"{report.QueriesPerSecond:N0} queries/s")));
        });
}
