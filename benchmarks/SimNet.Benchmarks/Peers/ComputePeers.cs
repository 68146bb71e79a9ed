using System.Globalization;

namespace SimNet.Benchmarks;

/// <summary>What users would compute networks with instead: ONNX Runtime for inference, PyTorch for training.</summary>
internal sealed class ComputePeers(PeerFolder folder)
{
    /// <summary>torchvision's network with random weights, exported by PyTorch to an ONNX file when it is first needed.</summary>
    public string ModelFile(string network)
    {
        string file = Path.Combine(folder.FullPath, "models", network + ".onnx");
        if (!File.Exists(file))
        {
            (string python, string script) = folder.PythonScript("torchvision_export.py");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            ChildProcess.Run(python, script, network, file + ".part");
            File.Move(file + ".part", file);
        }

        return file;
    }

    /// <summary>Measures the peer once.</summary>
    public ComputeMeasurement Run(ComputeWorkload workload, int threads, int warmUpSeconds)
    {
        if (!workload.Trains)
        {
            return ComputeMeasurement.RunWorker(
                workload with { ModelFile = ModelFile(workload.NetworkName) }, threads, warmUpSeconds, OnnxRuntimePeer.Backend);
        }

        (string python, string script) = folder.PythonScript("torch_train.py");
        string[] numbers = [threads.ToString(CultureInfo.InvariantCulture), workload.Batch.ToString(CultureInfo.InvariantCulture)];
        return ComputeMeasurement.FromLines(onLine =>
            ChildProcess.RunPinned(threads, python, [script, workload.NetworkName, .. numbers], onLine));
    }
}
