namespace SimNet.Benchmarks;

/// <summary>torchvision's networks with weights drawn at random, as PyTorch's own exporter writes them to ONNX files.</summary>
internal static class TorchvisionModel
{
    private const string Export =
        "import sys, torch, torchvision; n = sys.argv[1]; torch.manual_seed(0); m = getattr(torchvision.models, n)().eval(); "
        + "torch.onnx.export(m, torch.randn(1, 3, 224, 224), sys.argv[2], opset_version=13, input_names=['input'], output_names=['logits'], "
        + "dynamic_axes={'input': {0: 'n'}, 'logits': {0: 'n'}})";

    private static readonly string Folder = Directory.CreateTempSubdirectory("simnet-peers-").FullName;

    /// <summary>The file of the network of this name, written when first asked for.</summary>
    public static string FileOf(string network)
    {
        string file = Path.Combine(Folder, network + ".onnx");
        if (!File.Exists(file))
        {
            Child.Run("/usr/bin/python3", ["-c", Export, network, file]);
        }

        return file;
    }
}
