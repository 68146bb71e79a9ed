using System.Globalization;

namespace SimNet.Benchmarks;

/// <summary>
/// What users would run instead, through a folder of scripts that each print a JSON line with <c>ms_per_image</c>:
/// <c>torch_peer.sh MODE THREADS BATCH</c> (PyTorch) and <c>ort_peer.mjs MODEL.onnx THREADS BATCH</c> (ONNX Runtime, run by Node.js
/// in the folder named by the environment variable PEERS, where its package is installed). The ONNX files are torchvision's, written by
/// PyTorch's own exporter.
/// </summary>
internal sealed class ComputePeers
{
    private const string Export =
        "import sys, torch, torchvision; n = sys.argv[1]; torch.manual_seed(0); m = getattr(torchvision.models, n)().eval(); "
        + "torch.onnx.export(m, torch.randn(1, 3, 224, 224), sys.argv[2], opset_version=13, input_names=['input'], output_names=['logits'], "
        + "dynamic_axes={'input': {0: 'n'}, 'logits': {0: 'n'}})";

    private readonly string _scripts;
    private readonly string _packages;
    private readonly string _models = Directory.CreateTempSubdirectory("simnet-peers-").FullName;

    public ComputePeers(string scripts)
    {
        _scripts = Path.GetFullPath(scripts);
        _packages = Environment.GetEnvironmentVariable("PEERS")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "simnet-peers");
    }

    public ChildResult Run(ComputeWork work, int threads)
    {
        string[] numbers = [threads.ToString(CultureInfo.InvariantCulture), work.Batch.ToString(CultureInfo.InvariantCulture)];
        if (work.Trains)
        {
            string mode = work.NetworkName.StartsWith("squeezenet", StringComparison.Ordinal) ? "squeezenet-train" : work.Name;
            return Child.Run(threads, "bash", [Path.Combine(_scripts, "torch_peer.sh"), mode, .. numbers]);
        }

        string model = Path.Combine(_models, work.NetworkName + ".onnx");
        if (!File.Exists(model))
        {
            Child.Run("/usr/bin/python3", ["-c", Export, work.NetworkName, model]);
        }

        return Child.Run(threads, "node", ["ort_peer.mjs", model, .. numbers], _packages);
    }
}
