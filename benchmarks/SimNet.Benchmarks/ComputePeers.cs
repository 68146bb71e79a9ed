using System.Globalization;

namespace SimNet.Benchmarks;

/// <summary>
/// What users would run instead, through a folder of scripts that each print a JSON line with <c>ms_per_image</c>:
/// <c>torch_peer.sh MODE THREADS BATCH</c> (PyTorch) and <c>ort_peer.mjs MODEL.onnx THREADS BATCH</c> (ONNX Runtime, run by Node.js
/// in the folder named by the environment variable PEERS, where its package is installed). The ONNX files are <see cref="TorchvisionModel"/>'s.
/// </summary>
internal sealed class ComputePeers
{
    private readonly string _scripts;
    private readonly string _packages;

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

        return Child.Run(threads, "node", ["ort_peer.mjs", TorchvisionModel.FileOf(work.NetworkName), .. numbers], _packages);
    }
}
