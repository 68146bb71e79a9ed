using System.CommandLine;
using System.Globalization;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary><c>simnet export</c>: writes a model as an ONNX file for other runtimes.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var command = new Command("export", "Writes a model as an ONNX file, with its preprocessing and classes in the metadata.");
        var model = new Option<string>("--model")
        {
            DefaultValueFactory = _ => ModelArgument.Default,
            HelpName = "MODEL",
            Description = "The model: " + ModelArgument.Description,
        };
        var networkName = new Option<string?>("--network")
        {
            HelpName = "NAME",
            Description = "The network of a file of plain weights, such as squeezenet1_1 for torchvision weights. "
                + "Not needed if the metadata of the file names it.",
        };
        networkName.AcceptOnlyFromAmong([.. ClassifierOptions.Networks.Keys]);
        var output = new Option<string>("--out") { Required = true, HelpName = "FILE.onnx", Description = "The file to write." };
        var half = new Option<bool>("--half") { Description = "Write 16-bit convolution weights." };
        var fold = new Option<bool>("--fold-norms")
        {
            Description = "Fold batch norms into the convolutions before them. The model is smaller, but not suited for further training.",
        };
        var encoder = new Option<bool>("--embedding-only")
        {
            Description = "Leave out the layers after the embedding, such as the decoder of an autoencoder.",
        };
        foreach (Option option in (Option[])[model, networkName, output, half, fold, encoder])
        {
            command.Options.Add(option);
        }

        return command.WithAction((result, terminal, cancellationToken) =>
        {
            string path = result.GetRequiredValue(output);
            OutputPath.RequireFile(path);
            Model exported = ModelArgument.Load(result.GetRequiredValue(model), result.GetValue(networkName));
            cancellationToken.ThrowIfCancellationRequested();
            OnnxFile.Write(path, exported, new OnnxExportOptions
            {
                HalfPrecision = result.GetValue(half),
                FoldBatchNorm = result.GetValue(fold),
                Outputs = result.GetValue(encoder) ? [exported.EmbeddingLayer] : [],
            });

            // The report describes the file as others read it.
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
            string network = string.Create(
                CultureInfo.InvariantCulture, $"{report.Network}, {report.Layers:N0} layers, {report.Parameters:N0} parameters");
            terminal.Result(report, ReportJson.Default.ExportReport, console => console.Write(Terminal.Facts($"Model {path}",
                ("network", network),
                ("file", string.Create(CultureInfo.InvariantCulture, $"{report.Bytes:N0} bytes")),
                ("input", $"'{Network.InputName}', {report.Input} (height x width x channels)"),
                ("embedding", string.Create(CultureInfo.InvariantCulture, $"'{report.EmbeddingLayer}', {report.Dimensions:N0} values")))));
            return Task.CompletedTask;
        });
    }
}
