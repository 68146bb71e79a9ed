using System.CommandLine;
using System.Globalization;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary><c>simnet export</c>: writes a model as ONNX, for any runtime to serve.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var command = new Command("export", "Write a model as ONNX, with its preprocessing and classes in the file's metadata.");
        var model = new Option<string>("--model") { DefaultValueFactory = _ => ModelArgument.Default, HelpName = "MODEL", Description = "The model: " + ModelArgument.Description };
        var network = new Option<string?>("--network") { HelpName = "NAME", Description = "The network whose plain weights the file holds, such as squeezenet1_1 for torchvision's; without it the file's metadata says it." };
        network.AcceptOnlyFromAmong([.. ClassifierOptions.Networks.Keys]);
        var output = new Option<string>("--out") { Required = true, HelpName = "FILE.onnx", Description = "The file to write." };
        var half = new Option<bool>("--half") { Description = "Write convolutions' weights in 16 bits." };
        var fold = new Option<bool>("--fold-norms") { Description = "Make batch norms part of the convolutions before them: smaller, but not to be trained on." };
        var encoder = new Option<bool>("--embedding-only") { Description = "Leave out the layers after the embedding, such as an autoencoder's decoder." };
        foreach (Option option in (Option[])[model, network, output, half, fold, encoder])
        {
            command.Options.Add(option);
        }

        return command.Runs((result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(output);
            Model exported = ModelArgument.Load(result.GetRequiredValue(model), result.GetValue(network));
            cancellationToken.ThrowIfCancellationRequested();
            OnnxFile.Write(path, exported, new OnnxExportOptions
            {
                HalfPrecision = result.GetValue(half),
                FoldBatchNorm = result.GetValue(fold),
                Outputs = result.GetValue(encoder) ? [exported.EmbeddingLayer] : [],
            });

            // Read back: what is told is what others will find.
            Model written = OnnxFile.Read(path, cancellationToken: cancellationToken);
            var report = new ExportReport
            {
                File = path,
                Bytes = new FileInfo(path).Length,
                Network = written.Network.Name,
                Layers = written.Network.Layers.Length,
                Parameters = written.Network.ParameterCount,
                Input = written.Network.InputShape.ToString(),
                EmbeddingLayer = written.EmbeddingLayer,
                Dimensions = written.EmbeddingShape.Length,
            };
            terminal.Result(report, ReportJson.Default.ExportReport, console => console.Write(Terminal.Facts($"Model {path}",
                ("network", string.Create(CultureInfo.InvariantCulture, $"{report.Network}, {report.Layers:N0} layers, {report.Parameters:N0} parameters")),
                ("file", string.Create(CultureInfo.InvariantCulture, $"{report.Bytes:N0} bytes")),
                ("input", $"'{Network.InputName}', {report.Input} (height x width x channels)"),
                ("embedding", string.Create(CultureInfo.InvariantCulture, $"'{report.EmbeddingLayer}', {report.Dimensions:N0} values")))));
            return Task.CompletedTask;
        });
    }
}
