using System.Globalization;
using SimNet.Conformance;

namespace SimNet.Models.Tests;

public sealed class OnnxCheckerTests
{
    /// <summary>Checks the files and compares the inferred output shapes with the declared ones.</summary>
    private const string Script = """
        import glob, onnx, sys
        bad = 0
        for path in sorted(glob.glob(sys.argv[1] + '/*.onnx')):
            model = onnx.load(path)
            try:
                onnx.checker.check_model(model, full_check=True)
                assert model.ir_version == 8 and model.opset_import[0].version == 17
                inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
                for declared, found in zip(model.graph.output, inferred.graph.output):
                    assert declared == found, (declared, found)
            except Exception as problem:
                bad += 1
                print(path, problem)
        print(len(glob.glob(sys.argv[1] + '/*.onnx')), 'files,', bad, 'bad')
        """;

    [SkippableFact]
    public void The_ONNX_checker_accepts_every_exported_network()
    {
        using var folder = new TemporaryFolder();
        int files = 0;
        foreach (Model model in Models())
        {
            foreach (OnnxExportOptions options in new OnnxExportOptions[]
            {
                new(),
                new() { FoldBatchNorm = true },
                new() { HalfPrecision = true },
                new() { Outputs = [model.EmbeddingLayer] },
            })
            {
                OnnxFile.Write(folder[string.Create(CultureInfo.InvariantCulture, $"{files++:D4}.onnx")], model, options);
            }
        }

        string output = Python.Run("onnx", Script, Path.GetDirectoryName(folder["x"])!);

        Assert.Equal($"{files} files, 0 bad", output.Trim());
    }

    private static IEnumerable<Model> Models()
    {
        Network squeezeNet = SqueezeNet.Create(
            SqueezeNetVersion.V1_1, classes: 5, size: 64), eSimNet = SqueezeNet.CreateESimNet(SqueezeNetVersion.V1_1, classes: 5, size: 64);
        yield return new Model(squeezeNet, WeightInitialization.Create(squeezeNet, 1), SqueezeNet.EmbeddingLayer);
        yield return new Model(eSimNet, WeightInitialization.Create(eSimNet, 1), SqueezeNet.EmbeddingLayer);
        Network autoencoder = DenoisingAutoencoder.Create();
        yield return new Model(
            autoencoder,
            WeightInitialization.Create(autoencoder, 1),
            DenoisingAutoencoder.EmbeddingLayer,
            new Dictionary<string,
            string>
            { ["preprocessing"] = "{}" });
        yield return new Model(SampleNetworks.EveryKind, NetworkData.Weights(SampleNetworks.EveryKind, 1), "relu");
        for (int seed = 0; seed < 100; seed++)
        {
            Network network = RandomNetworks.Create(seed);
            yield return new Model(network, NetworkData.Weights(network, seed), network.Layers[network.Layers.Length / 2].Name);
        }
    }
}
