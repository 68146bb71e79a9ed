using SimNet.Compute;
using SimNet.Models;

namespace SimNet.OnnxRuntime.Tests;

/// <summary>
/// Files that users of other libraries reported problems with, in the folder cases/onnx of the data: each is imported and computes the
/// outputs of ONNX Runtime, or is refused with what runs it, and then that runs it.
/// </summary>
public sealed class ReportedFilesTests
{
    [SkippableFact]
    public void Every_reported_file_is_read_or_run_by_ONNX_Runtime()
    {
        string folder = TestData.RequireFolder("cases/onnx");
        string[] files = Directory.GetFiles(folder, "*.onnx");
        Assert.NotEmpty(files);
        Assert.All(files, Check);
    }

    private static void Check(string path)
    {
        Shape? shape = null;
        using IInferenceSession runtime = Open();
        float[] input = RandomNetworks.Samples(runtime.InputShape, 3, seed: 6), expected = new float[3 * runtime.OutputShapes[0].Length];
        runtime.Run(input, 3, [expected, .. runtime.OutputShapes.Skip(1).Select(other => new float[3 * other.Length].AsMemory())]);
        Assert.All(expected, value => Assert.True(float.IsFinite(value)));
        Model model;
        try
        {
            model = OnnxFile.Read(path, new OnnxImportOptions { InputShape = shape });
        }
        catch (ModelFormatException exception)
        {
            Assert.Contains("OnnxRuntimeBackend.OpenInferenceSession of SimNet.OnnxRuntime", exception.Message, StringComparison.Ordinal);
            Assert.True(
                exception.Message.Contains("node ", StringComparison.Ordinal)
                    || exception.Message.Contains("input ", StringComparison.Ordinal),
                exception.Message);
            return;
        }

        using IInferenceSession managed =
            new ManagedBackend().CreateInferenceSession(model.Network, model.Weights, [model.Network.Layers[^1].Name]);
        float[] found = new float[expected.Length];
        managed.Run(input, 3, [found]);
        float largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First / largest, pair.Second / largest, 1e-4f));

        // Some files do not fix height and width.
        IInferenceSession Open()
        {
            var backend = new OnnxRuntimeBackend(new OnnxRuntimeBackendOptions { Device = ComputeDevice.Cpu });
            try
            {
                return backend.OpenInferenceSession(path);
            }
            catch (ModelFormatException exception) when (exception.Message.Contains("'inputShape'", StringComparison.Ordinal))
            {
                shape = new Shape(3, 10, 12);
                return backend.OpenInferenceSession(path, inputShape: shape);
            }
        }
    }
}
