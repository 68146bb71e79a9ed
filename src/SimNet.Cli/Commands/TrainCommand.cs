using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SimNet.Core;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary><c>simnet train</c>: trains a network on a catalog's pictures and writes the model file.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "Train a network on product pictures.");
        var network = new Option<string>("--network") { DefaultValueFactory = _ => DenoisingAutoencoder.NetworkName, Description = "The network: dae, AutoSimNet's denoising autoencoder." };
        network.AcceptOnlyFromAmong(DenoisingAutoencoder.NetworkName);
        var output = new Option<string>("--out") { Required = true, HelpName = "MODEL", Description = "The model file to write (safetensors). The training's state is kept beside it until it is done." };
        var label = new Option<string?>("--label") { HelpName = "COLUMN", Description = "An attribute, or 'category': train only on products that have it. The autoencoder itself needs no labels." };
        var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 20, HelpName = "N", Description = "Passes over the pictures." };
        var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 128, HelpName = "N", Description = "Pictures in one step." };
        var rate = new Option<float>("--learning-rate") { DefaultValueFactory = _ => 1e-3f, HelpName = "RATE", Description = "Adam's learning rate." };
        var seed = new Option<int>("--seed") { HelpName = "N", Description = "Seed of the weights, the order and the noise." };
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
        return command.Runs(async (result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(output);
            string checkpoint = path + ".checkpoint";
            if (Directory.Exists(path))
            {
                throw new IOException($"'{path}' is a folder; expected the name of a model file.");
            }

            (ProductCatalog training, ProductCatalog validation) = data.ReadSplit(result);
            if (result.GetValue(label) is { } name)
            {
                IEnumerable<string> known = training.LabelNames;
                training = new ProductCatalog(training.Where(product => product.GetLabel(name) is not null));
                validation = new ProductCatalog(validation.Where(product => product.GetLabel(name) is not null));
                if (training.Count == 0)
                {
                    throw new ArgumentException($"No product has the label '{name}'; known are {string.Join(", ", known.DefaultIfEmpty("none"))}.");
                }
            }

            if (File.Exists(checkpoint) != result.GetValue(resume))
            {
                terminal.Note(result.GetValue(resume)
                    ? $"There is no {checkpoint} to go on from; the training begins anew."
                    : $"{checkpoint}, left by a training that was stopped, will be replaced; --resume would go on from it.");
            }

            AutoencoderTrainingResult trained = await terminal.WithProgressAsync("Training", show => AutoencoderTraining.TrainAsync(
                training,
                validation,
                new AutoencoderTrainingOptions
                {
                    Epochs = result.GetValue(epochs),
                    BatchSize = result.GetValue(batch),
                    LearningRate = result.GetValue(rate),
                    Seed = result.GetValue(seed),
                    CheckpointPath = checkpoint,
                    Resume = result.GetValue(resume),
                },
                Shown(terminal, show),
                cancellationToken: cancellationToken));
            trained.Model.Save(path);
            File.Delete(checkpoint);

            TrainReport report = TrainReport.From(path, trained);
            terminal.Result(report, ReportJson.Default.TrainReport, console =>
            {
                Table curve = new Table().Title("Learning curve").Border(TableBorder.Rounded)
                    .AddColumns("Epoch", "Loss", "Accuracy", "Held-out loss", "Held-out accuracy", "Seconds");
                foreach (EpochRecord epoch in report.History.Where((_, i) => i % Math.Max(1, (report.History.Length + 19) / 20) == 0 || i == report.History.Length - 1))
                {
                    curve.AddRow(
                        epoch.Epoch.ToString(CultureInfo.InvariantCulture), $"{epoch.TrainingLoss:F5}", $"{epoch.TrainingMetric:P2}",
                        $"{epoch.ValidationLoss:F5}", $"{epoch.ValidationMetric:P2}", $"{epoch.Elapsed.TotalSeconds:F1}");
                }

                console.Write(curve);
                console.Write(Terminal.Facts($"Model {path}",
                    ("network", $"{report.Network}, {report.Parameters:N0} parameters, {report.TrainableParameters:N0} trainable"),
                    ("pictures", $"{report.TrainingPictures:N0} trained on, {report.ValidationPictures:N0} held out, {report.Failures.Length:N0} left out"),
                    ("reading", $"{report.ReadingSeconds:F1} s"),
                    ("training", $"{report.TrainingSeconds:F1} s, {report.PicturesPerSecond:N0} pictures/s")));
                foreach (PictureFailure failure in report.Failures)
                {
                    terminal.Warn($"left out: {failure.ProductId}: {failure.Problem}");
                }
            });
        });
    }

    /// <summary>Training's progress on the bar, with the time left; where nobody watches a bar, a line for each epoch.</summary>
    public static IProgress<TrainingProgress> Shown(Terminal terminal, Action<double, string> show) => new ForwardedProgress<TrainingProgress>(progress =>
    {
        double epochs = progress.Epoch - 1 + ((double)progress.SamplesDone / progress.SampleCount);
        show(epochs / progress.Epochs, string.Create(CultureInfo.InvariantCulture,
            $"epoch {progress.Epoch} of {progress.Epochs}, loss {progress.Loss:F5}, {progress.SamplesPerSecond:N0} pictures/s, {progress.EstimatedTimeLeft:h\\:mm\\:ss} left"));
        if (progress.CompletedEpoch is { } epoch && !terminal.IsWatched)
        {
            terminal.Note(string.Create(CultureInfo.InvariantCulture,
                $"epoch {epoch.Epoch} of {progress.Epochs}: loss {epoch.TrainingLoss:F5}, accuracy {epoch.TrainingMetric:P2}, held out {epoch.ValidationLoss:F5}, {epoch.ValidationMetric:P2}; {progress.EstimatedTimeLeft:h\\:mm\\:ss} left"));
        }
    });
}
