using System.CommandLine;
using System.Globalization;
using SimNet.Core;
using SimNet.Models;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary><c>simnet train</c>: trains a network on product images and writes a model file.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "Trains a network on product images and writes a model file.");
        var network = new Option<string>("--network")
        {
            DefaultValueFactory = _ => DenoisingAutoencoder.NetworkName,
            Description = "The network: dae, the denoising autoencoder of AutoSimNet, needs no labels; the others are classifiers.",
        };
        network.AcceptOnlyFromAmong([DenoisingAutoencoder.NetworkName, .. ClassifierOptions.Networks.Keys]);
        var output = new Option<string>("--out")
        {
            Required = true,
            HelpName = "MODEL",
            Description = "The model file to write: ONNX if the extension is .onnx, safetensors otherwise. "
                + "During training, checkpoints are written to the same folder.",
        };
        var label = new Option<string?>("--label")
        {
            HelpName = "COLUMN",
            Description = "The attribute whose values are the classes, or 'category'. "
                + "The autoencoder does not need it; if it is given, products without it are left out.",
        };
        var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 20, HelpName = "N", Description = "The number of epochs." };
        var batch = new Option<int?>("--batch")
        {
            HelpName = "N",
            Description = "The number of images in a batch; 128 by default for the autoencoder, 32 for classifiers.",
        };
        var rate = new Option<float>("--learning-rate")
        {
            DefaultValueFactory = _ => 1e-3f,
            HelpName = "RATE",
            Description = "The learning rate.",
        };
        var seed = new Option<int>("--seed")
        {
            HelpName = "N",
            Description = "The seed of the initial weights, the order of images, the noise and the augmentation.",
        };
        var resume = new Option<bool>("--resume") { Description = "Resume an interrupted training from its checkpoint." };
        command.Options.Add(network);
        var data = new DataOptions(command, choosesPart: false);
        command.Options.Add(output);
        command.Options.Add(label);
        command.Options.Add(epochs);
        command.Options.Add(batch);
        command.Options.Add(rate);
        command.Options.Add(seed);
        command.Options.Add(resume);
        var images = new ImageOptions(command, readsMany: true);
        var split = new LabelSplitOptions(command, data, images);
        var classifier = new ClassifierOptions(command);
        var backend = new BackendOption(command, trains: true);
        return command.WithAction(async (result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(output), name = result.GetRequiredValue(network);
            OutputPath.RequireFile(path);
            string checkpoint = path + ".checkpoint";
            if (File.Exists(checkpoint) != result.GetValue(resume))
            {
                terminal.Note(result.GetValue(resume)
                    ? $"The checkpoint {checkpoint} does not exist; starting from the beginning."
                    : $"Overwriting the checkpoint {checkpoint} of an interrupted training; use --resume to resume from it.");
            }

            ITrainingBackend? selected = backend.CreateForTraining(result);
            if (name == DenoisingAutoencoder.NetworkName)
            {
                (ProductCatalog training, ProductCatalog validation) = data.ReadSplit(result, terminal);
                await TrainAutoencoderAsync(training, validation, result.GetValue(label), path, new AutoencoderTrainingOptions
                {
                    Epochs = result.GetValue(epochs),
                    BatchSize = result.GetValue(batch) ?? 128,
                    LearningRate = result.GetValue(rate),
                    Seed = result.GetValue(seed),
                    CheckpointPath = checkpoint,
                    Resume = result.GetValue(resume),
                    Backend = selected,
                    Decoder = ImageOptions.Decoder,
                    DecoderOptions = images.CreateDecoderOptions(result),
                }, data, terminal, cancellationToken);
                return;
            }

            ClassifierTrainingOptions options = classifier.Create(result, name, result.GetValue(epochs)) with
            {
                BatchSize = result.GetValue(batch) ?? 32,
                LearningRate = result.GetValue(rate),
                Seed = result.GetValue(seed),
                CheckpointPath = checkpoint,
                Resume = result.GetValue(resume),
                Backend = selected,
                Decoder = ImageOptions.Decoder,
                DecoderOptions = images.CreateDecoderOptions(result),
            };
            string column = result.GetValue(label)
                ?? throw new ArgumentException($"The network '{name}' is a classifier; expected --label with its classes.");
            terminal.Note("Reading and splitting the products");
            CatalogSplit products = await split.ReadAsync(result, column, terminal, cancellationToken);
            await TrainClassifierAsync(products, path, options, classifier.SaveOptions(result, path), data, terminal, cancellationToken);
        });
    }

    /// <summary>
    /// Shows the progress of a training on a progress bar, or as a line for each epoch if the terminal is not interactive.
    /// </summary>
    public static IProgress<TrainingProgress> CreateProgress(Terminal terminal, Action<double, string> show) =>
        new ForwardedProgress<TrainingProgress>(progress =>
        {
            double epochs = progress.Epoch - 1 + ((double)progress.SamplesDone / progress.SampleCount);
            string left = progress.EstimatedTimeLeft.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);
            show(epochs / progress.Epochs, string.Create(
                CultureInfo.InvariantCulture,
                $"epoch {progress.Epoch} of {progress.Epochs}, loss {progress.Loss:F5}, "
                    + $"{progress.SamplesPerSecond:N0} images/s, {left} left"));
            if (progress.CompletedEpoch is { } epoch && !terminal.IsInteractive)
            {
                terminal.Note(string.Create(
                    CultureInfo.InvariantCulture,
                    $"epoch {epoch.Epoch} of {progress.Epochs}: training loss {epoch.TrainingLoss:F5}, accuracy {epoch.TrainingMetric:P2}; "
                        + $"validation loss {epoch.ValidationLoss:F5}, accuracy {epoch.ValidationMetric:P2}; {left} left"));
            }
        });

    private static async Task TrainAutoencoderAsync(
        ProductCatalog training,
        ProductCatalog validation,
        string? label,
        string path,
        AutoencoderTrainingOptions options,
        DataOptions data,
        Terminal terminal,
        CancellationToken cancellationToken)
    {
        if (label is not null)
        {
            IEnumerable<string> labels = training.LabelNames;
            training = new ProductCatalog(training.Where(product => product.GetLabel(label) is not null));
            validation = new ProductCatalog(validation.Where(product => product.GetLabel(label) is not null));
            if (training.Count == 0)
            {
                throw new ArgumentException(
                    $"No product has the label '{label}'; the labels are {string.Join(", ", labels.DefaultIfEmpty("none"))}.");
            }
        }

        AutoencoderTrainingResult trained = await terminal.WithProgressAsync("Training", show => AutoencoderTraining.TrainAsync(
            training, validation, options, CreateProgress(terminal, show), cancellationToken: cancellationToken));
        trained.Model.Save(path);
        File.Delete(options.CheckpointPath!);

        TrainReport report = TrainReport.From(path, trained, data.Report);
        terminal.Result(report, ReportJson.Default.TrainReport, console =>
        {
            console.Write(Curve(report.History));
            console.Write(Terminal.Facts($"Model {path}",
                ("network", $"{report.Network}, {report.Parameters:N0} parameters, {report.TrainableParameters:N0} trainable"),
                ("training images", $"{report.TrainingImages:N0}"),
                ("validation images", $"{report.ValidationImages:N0}"),
                ("skipped images", $"{report.Failures.Length:N0}"),
                ("reading", $"{report.ReadingSeconds:F1} s"),
                ("training", $"{report.TrainingSeconds:F1} s, {report.ImagesPerSecond:N0} images/s")));
        });
        terminal.Warn(report.Failures);
    }

    private static async Task TrainClassifierAsync(
        CatalogSplit split,
        string path,
        ClassifierTrainingOptions options,
        ModelSaveOptions saving,
        DataOptions data,
        Terminal terminal,
        CancellationToken cancellationToken)
    {
        ClassifierTrainingResult trained = await terminal.WithProgressAsync("Training", show =>
            ClassifierTraining.TrainAsync(split, options, CreateProgress(terminal, show), cancellationToken: cancellationToken));
        trained.Model.Save(path, saving);
        string[] curves = LearningCurves.Write(path, trained.History);
        foreach (string checkpoint in options.CheckpointPaths)
        {
            File.Delete(checkpoint);
        }

        ClassifierTrainReport report = ClassifierTrainReport.From(path, split, trained, curves, data.Report);
        terminal.Result(report, ReportJson.Default.ClassifierTrainReport, console =>
        {
            console.Write(Curve(report.History));
            if (trained.Test is not null)
            {
                ClassificationTables.Write(console, "Test products", trained.Test);
            }

            console.Write(Terminal.Facts($"Model {path}",
                ("network", $"{report.Network}, {report.Parameters:N0} parameters"),
                ("trainable parameters", $"{report.TrainableParameters:N0}"),
                ("parameters that are not pruned", $"{report.RemainingParameters:N0}"),
                ("file", $"{report.FileBytes:N0} bytes"),
                ("training products", $"{report.TrainingProducts:N0}"),
                ("validation products", $"{report.ValidationProducts:N0}"),
                ("test products", $"{report.TestProducts:N0}"),
                ("skipped images", $"{report.Failures.Length:N0}"),
                ("groups of products with the same image", $"{report.DuplicateGroups:N0}"),
                ("reading", $"{report.ReadingSeconds:F1} s"),
                ("training", $"{report.TrainingSeconds:F1} s, {report.ProductsPerSecond:N0} images/s in the last epoch"),
                ("epoch of the model", $"{report.Epoch}"),
                ("validation accuracy", report.Validation is { } validation ? $"{validation.Accuracy:P2}" : "not measured"),
                ("test accuracy (top 1)", report.Test is { } test ? $"{test.Accuracy:P2}" : "not measured"),
                ("curves", string.Join(", ", report.Curves))));
        });
        terminal.Warn(report.Failures);
    }

    private static Table Curve(EpochRecord[] history)
    {
        Table curve = new Table().Title("Learning curve").Border(TableBorder.Rounded)
            .AddColumns("Epoch", "Loss", "Accuracy", "Validation loss", "Validation accuracy", "Seconds");
        foreach (EpochRecord epoch in history.Where((_, i) => i % Math.Max(1, (history.Length + 19) / 20) == 0 || i == history.Length - 1))
        {
            curve.AddRow(
                epoch.Epoch.ToString(CultureInfo.InvariantCulture), $"{epoch.TrainingLoss:F5}", $"{epoch.TrainingMetric:P2}",
                $"{epoch.ValidationLoss:F5}", $"{epoch.ValidationMetric:P2}", $"{epoch.Elapsed.TotalSeconds:F1}");
        }

        return curve;
    }
}
