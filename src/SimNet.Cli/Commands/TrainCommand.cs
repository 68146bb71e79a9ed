using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SimNet.Core;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary><c>simnet train</c>: trains a network on a catalog's images and writes the model file.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "Train a network on product images.");
        var network = new Option<string>("--network") { DefaultValueFactory = _ => DenoisingAutoencoder.NetworkName, Description = "The network: dae, AutoSimNet's denoising autoencoder, needs no labels; esimnet and squeezenet learn to tell classes apart." };
        network.AcceptOnlyFromAmong([DenoisingAutoencoder.NetworkName, .. ClassifierOptions.Networks.Keys]);
        var output = new Option<string>("--out") { Required = true, HelpName = "MODEL", Description = "The model file to write: ONNX where it ends in .onnx, else safetensors. The training's state is kept beside it until it is done." };
        var label = new Option<string?>("--label") { HelpName = "COLUMN", Description = "An attribute, or 'category': the classes to learn. The autoencoder, which needs none, is trained on products that have it." };
        var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 20, HelpName = "N", Description = "Passes over the images." };
        var batch = new Option<int?>("--batch") { HelpName = "N", Description = "Images in one step; 128 for the autoencoder and 32 for the others unless told." };
        var rate = new Option<float>("--learning-rate") { DefaultValueFactory = _ => 1e-3f, HelpName = "RATE", Description = "The optimizer's learning rate." };
        var seed = new Option<int>("--seed") { HelpName = "N", Description = "Seed of the weights, the order, the noise and the augmentation." };
        var resume = new Option<bool>("--resume") { Description = "Go on where a training that was stopped left off." };
        command.Options.Add(network);
        var data = new DataOptions(command, choosesPart: false);
        command.Options.Add(output);
        command.Options.Add(label);
        command.Options.Add(epochs);
        command.Options.Add(batch);
        command.Options.Add(rate);
        command.Options.Add(seed);
        command.Options.Add(resume);
        var split = new LabelSplitOptions(command, data);
        var classifier = new ClassifierOptions(command);
        var backend = new BackendOption(command, trains: true);
        return command.Runs(async (result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(output), name = result.GetRequiredValue(network);
            if (Directory.Exists(path))
            {
                throw new IOException($"'{path}' is a folder; expected the name of a model file.");
            }

            string checkpoint = path + ".checkpoint";
            if (File.Exists(checkpoint) != result.GetValue(resume))
            {
                terminal.Note(result.GetValue(resume)
                    ? $"There is no {checkpoint} to go on from; the training begins anew."
                    : $"{checkpoint}, left by a training that was stopped, will be replaced; --resume would go on from it.");
            }

            ITrainingBackend? computes = backend.CreateForTraining(result);
            if (name == DenoisingAutoencoder.NetworkName)
            {
                (ProductCatalog training, ProductCatalog validation) = data.ReadSplit(result);
                await TrainAutoencoderAsync(training, validation, result.GetValue(label), path, new AutoencoderTrainingOptions
                {
                    Epochs = result.GetValue(epochs),
                    BatchSize = result.GetValue(batch) ?? 128,
                    LearningRate = result.GetValue(rate),
                    Seed = result.GetValue(seed),
                    CheckpointPath = checkpoint,
                    Resume = result.GetValue(resume),
                    Backend = computes,
                }, terminal, cancellationToken);
                return;
            }

            ClassifierTrainingOptions options = classifier.Create(result, name, result.GetValue(epochs)) with
            {
                BatchSize = result.GetValue(batch) ?? 32,
                LearningRate = result.GetValue(rate),
                Seed = result.GetValue(seed),
                CheckpointPath = checkpoint,
                Resume = result.GetValue(resume),
                Backend = computes,
            };
            string column = result.GetValue(label) ?? throw new ArgumentException($"{name} learns classes: expected --label with the attribute that names them.");
            terminal.Note("Reading the images and splitting them by label");
            await TrainClassifierAsync(await split.ReadAsync(result, column, cancellationToken), path, options, classifier.SaveOptions(result, path), terminal, cancellationToken);
        });
    }

    /// <summary>Training's progress on the bar, with the time left; where nobody watches a bar, a line for each epoch.</summary>
    public static IProgress<TrainingProgress> Shown(Terminal terminal, Action<double, string> show) => new ForwardedProgress<TrainingProgress>(progress =>
    {
        double epochs = progress.Epoch - 1 + ((double)progress.SamplesDone / progress.SampleCount);
        show(epochs / progress.Epochs, string.Create(CultureInfo.InvariantCulture,
            $"epoch {progress.Epoch} of {progress.Epochs}, loss {progress.Loss:F5}, {progress.SamplesPerSecond:N0} images/s, {progress.EstimatedTimeLeft:h\\:mm\\:ss} left"));
        if (progress.CompletedEpoch is { } epoch && !terminal.IsWatched)
        {
            terminal.Note(string.Create(CultureInfo.InvariantCulture,
                $"epoch {epoch.Epoch} of {progress.Epochs}: loss {epoch.TrainingLoss:F5}, accuracy {epoch.TrainingMetric:P2}, held out {epoch.ValidationLoss:F5}, {epoch.ValidationMetric:P2}; {progress.EstimatedTimeLeft:h\\:mm\\:ss} left"));
        }
    });

    private static async Task TrainAutoencoderAsync(
        ProductCatalog training, ProductCatalog validation, string? label, string path, AutoencoderTrainingOptions options, Terminal terminal, CancellationToken cancellationToken)
    {
        if (label is not null)
        {
            IEnumerable<string> known = training.LabelNames;
            training = new ProductCatalog(training.Where(product => product.GetLabel(label) is not null));
            validation = new ProductCatalog(validation.Where(product => product.GetLabel(label) is not null));
            if (training.Count == 0)
            {
                throw new ArgumentException($"No product has the label '{label}'; known are {string.Join(", ", known.DefaultIfEmpty("none"))}.");
            }
        }

        AutoencoderTrainingResult trained = await terminal.WithProgressAsync("Training", show =>
            AutoencoderTraining.TrainAsync(training, validation, options, Shown(terminal, show), cancellationToken: cancellationToken));
        trained.Model.Save(path);
        File.Delete(options.CheckpointPath!);

        TrainReport report = TrainReport.From(path, trained);
        terminal.Result(report, ReportJson.Default.TrainReport, console =>
        {
            console.Write(Curve(report.History));
            console.Write(Terminal.Facts($"Model {path}",
                ("network", $"{report.Network}, {report.Parameters:N0} parameters, {report.TrainableParameters:N0} trainable"),
                ("images", $"{report.TrainingImages:N0} trained on, {report.ValidationImages:N0} held out, {report.Failures.Length:N0} left out"),
                ("reading", $"{report.ReadingSeconds:F1} s"),
                ("training", $"{report.TrainingSeconds:F1} s, {report.ImagesPerSecond:N0} images/s")));
            terminal.Warn(report.Failures);
        });
    }

    private static async Task TrainClassifierAsync(
        CatalogSplit split, string path, ClassifierTrainingOptions options, ModelSaveOptions saving, Terminal terminal, CancellationToken cancellationToken)
    {
        ClassifierTrainingResult trained = await terminal.WithProgressAsync("Training", show =>
            ClassifierTraining.TrainAsync(split, options, Shown(terminal, show), cancellationToken: cancellationToken));
        trained.Model.Save(path, saving);
        string[] curves = LearningCurves.Write(path, trained.History);
        foreach (string checkpoint in options.CheckpointPaths)
        {
            File.Delete(checkpoint);
        }

        ClassifierTrainReport report = ClassifierTrainReport.From(path, split, trained, curves);
        terminal.Result(report, ReportJson.Default.ClassifierTrainReport, console =>
        {
            console.Write(Curve(report.History));
            if (trained.Test is not null)
            {
                ClassificationTables.Write(console, "Test products", trained.Test);
            }

            console.Write(Terminal.Facts($"Model {path}",
                ("network", $"{report.Network}, {report.Parameters:N0} parameters, {report.TrainableParameters:N0} trainable, {report.RemainingParameters:N0} not pruned; {report.FileBytes:N0} bytes"),
                ("products", $"{report.TrainingProducts:N0} trained on, {report.ValidationProducts:N0} validation, {report.TestProducts:N0} test, {report.Failures.Length:N0} images left out"),
                ("kept together", $"{report.DuplicateGroups:N0} groups of products that show the same image"),
                ("reading", $"{report.ReadingSeconds:F1} s"),
                ("training", $"{report.TrainingSeconds:F1} s, {report.ProductsPerSecond:N0} images/s in the last epoch; the model is of epoch {report.Epoch}"),
                ("validation accuracy", report.Validation is { } validation ? $"{validation.Accuracy:P2}" : "not measured"),
                ("test accuracy (top 1)", report.Test is { } test ? $"{test.Accuracy:P2}" : "not measured"),
                ("curves", string.Join(", ", report.Curves))));
            terminal.Warn(report.Failures);
        });
    }

    private static Table Curve(EpochRecord[] history)
    {
        Table curve = new Table().Title("Learning curve").Border(TableBorder.Rounded)
            .AddColumns("Epoch", "Loss", "Accuracy", "Held-out loss", "Held-out accuracy", "Seconds");
        foreach (EpochRecord epoch in history.Where((_, i) => i % Math.Max(1, (history.Length + 19) / 20) == 0 || i == history.Length - 1))
        {
            curve.AddRow(
                epoch.Epoch.ToString(CultureInfo.InvariantCulture), $"{epoch.TrainingLoss:F5}", $"{epoch.TrainingMetric:P2}",
                $"{epoch.ValidationLoss:F5}", $"{epoch.ValidationMetric:P2}", $"{epoch.Elapsed.TotalSeconds:F1}");
        }

        return curve;
    }
}
