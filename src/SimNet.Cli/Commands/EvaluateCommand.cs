using System.CommandLine;
using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary>
/// <c>simnet evaluate</c>: measures recommendations with labeled products. The queries are the images of a data set in a saved catalog, or
/// the test part of a split in its training part.
/// </summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var command = new Command("evaluate", "Measures the recommendations of a catalog, or of a model, with labeled products.");
        var catalog = new Option<string?>("--catalog")
        {
            HelpName = "CATALOG",
            Description = "The folder of a saved catalog, which is queried with the images.",
        };
        var model = new Option<string?>("--model")
        {
            HelpName = "MODEL",
            Description = "Evaluate a model instead of a catalog: index the training part of the split that 'train' uses with the same "
                + "options, and query it with the test part. MODEL is " + ModelArgument.Description,
        };
        var label = new Option<string>("--label")
        {
            Required = true,
            HelpName = "COLUMN",
            Description = "The attribute that decides whether a recommendation is relevant, or 'category'.",
        };
        var count = new Option<int>("--count")
        {
            DefaultValueFactory = _ => 5,
            HelpName = "N",
            Description = "The number of recommendations for each query.",
        };
        var effort = new Option<int>("--effort")
        {
            HelpName = "N",
            Description = "The number of candidates that an approximate index examines; 0 for its default.",
        };
        var metric = new Option<Metric?>("--metric") { Description = "With --model: " + ModelArgument.MetricDescription };
        command.Options.Add(catalog);
        command.Options.Add(model);
        var data = new DataOptions(command, choosesPart: true);
        command.Options.Add(label);
        command.Options.Add(count);
        command.Options.Add(effort);
        command.Options.Add(metric);
        var images = new ImageOptions(command, readsMany: true);
        var backend = new BackendOption(command, trains: false);
        var split = new LabelSplitOptions(command, data, images);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(catalog) is null) == (result.GetValue(model) is null))
            {
                result.AddError("Specify either --catalog or --model.");
            }
        });
        return command.WithAction(async (result, terminal, cancellationToken) =>
        {
            var options = new CatalogEvaluationOptions
            {
                Label = result.GetRequiredValue(label),
                Count = result.GetValue(count),
                SearchEffort = result.GetValue(effort),
            };
            ImageEmbedderOptions embedderOptions = images.CreateEmbedderOptions(result, backend.Create(result));
            if (result.GetValue(model) is not { } modelPath)
            {
                string path = result.GetValue(catalog)!;
                ProductCatalog queries = data.Read(result, terminal);
                await using SimilarityEngine saved =
                    await SimilarityEngine.OpenAsync(path, new EngineOptions { Embedder = embedderOptions }, cancellationToken);
                CatalogEvaluationReport savedReport = await EvaluateAsync(saved, queries, options, terminal, cancellationToken);
                Print(terminal, path, EvaluateReport.From(path, saved, options, savedReport, data.Report), classification: null);
                return;
            }

            SimilarityEngineBuilder builder = ModelArgument.CreateBuilder(modelPath, result.GetValue(metric), embedderOptions);
            terminal.Note("Reading and splitting the products");
            CatalogSplit parts = await split.ReadAsync(result, options.Label, terminal, cancellationToken);
            using SimilarityEngine engine = await terminal.WithProgressAsync("Indexing the training part", async show => await builder
                .UseIndex(IndexKind.Exact)
                .AddProducts(parts.Training)
                .BuildAsync(IndexCommand.CreateProgress(show), cancellationToken));
            CatalogEvaluationReport evaluation = await EvaluateAsync(engine, parts.Test, options, terminal, cancellationToken);
            Model evaluated = engine.Embedder.Model;
            ClassifierEvaluationReport? classification = !Classifies(evaluated, parts.Test, options.Label) ? null
                : await terminal.WithProgressAsync("Classifying", async show =>
                {
                    using var classifier = new ImageClassifier(evaluated, embedderOptions);
                    var progress = new ForwardedProgress<double>(share => show(share, ""));
                    return await classifier.EvaluateAsync(parts.Test, options.Label, progress, cancellationToken);
                });
            Print(terminal, modelPath, EvaluateReport.From(null, engine, options, evaluation, data.Report) with
            {
                Model = modelPath,
                Failures = [.. engine.Report.Failures, .. evaluation.Failures],
                Classification = classification is null ? null : ClassificationSummary.From(classification),
            }, classification);
        });
    }

    /// <summary>
    /// Whether a model is a classifier for this label and a product has one of its classes. A label of the same name may have other values
    /// in other data.
    /// </summary>
    private static bool Classifies(Model model, ProductCatalog products, string label)
        => model.Metadata.GetValueOrDefault(ClassifierTraining.LabelKey) == label
            && ImageClassifier.ReadClasses(model.Metadata) is { } classes
            && products.Any(product => product.GetLabel(label) is { } name && classes.Contains(name));

    private static Task<CatalogEvaluationReport> EvaluateAsync(
        SimilarityEngine engine,
        ProductCatalog queries,
        CatalogEvaluationOptions options,
        Terminal terminal,
        CancellationToken cancellationToken) =>
        terminal.WithProgressAsync("Evaluating", show =>
            engine.EvaluateAsync(queries, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));

    private static void Print(Terminal terminal, string name, EvaluateReport report, ClassifierEvaluationReport? classification)
    {
        terminal.Result(report, ReportJson.Default.EvaluateReport, console =>
        {
            if (classification is not null)
            {
                ClassificationTables.Write(console, "Classification of the test part", classification);
            }

            console.Write(Terminal.Facts($"{name} by {report.Label}",
                ("products", report.Products.ToString("N0", CultureInfo.InvariantCulture)),
                ("queries", report.Queries.ToString("N0", CultureInfo.InvariantCulture)),
                ("skipped queries (label not in the catalog)", report.Skipped.ToString("N0", CultureInfo.InvariantCulture)),
                ("unreadable images", report.Failures.Length.ToString("N0", CultureInfo.InvariantCulture)),
                ($"precision@{report.Count}", $"{report.Precision:P2}"),
                ($"recall@{report.Count}", $"{report.Recall:P2}"),
                ($"mAP@{report.Count}", $"{report.MeanAveragePrecision:P2}"),
                ($"nDCG@{report.Count}", $"{report.Ndcg:P2}"),
                ("metric", report.Metric),
                ($"recall@{report.Count} of the {report.Index} index",
                    report.IndexRecall is double recall ? $"{recall:P2}" : "not measured"),
                ("embedding", $"{report.EmbeddingSeconds:F1} s"),
                ($"search, {report.Threads} threads", $"{report.QueriesPerSecond:N0} queries/s")));
        });
        terminal.Warn(report.Failures);
    }
}
