using System.Text.Json;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Cli.Tests;

public sealed class ExportTests(DemoFolder demo) : IClassFixture<DemoFolder>
{
    [Fact]
    public async Task An_ONNX_model_file_contains_the_same_model_as_a_safetensors_file()
    {
        string onnx = demo.File("trained.onnx"), safetensors = demo.File("trained.safetensors"), catalog = demo.File("trained.simnet");
        string[] arguments = ["train", "--network", "dae", "--data", demo.Products, "--epochs", "1", "--batch", "16", "--seed", "4"];
        JsonElement trained = await JsonAsync([.. arguments, "--out", onnx]);
        await JsonAsync([.. arguments, "--out", safetensors]);

        // The training does not depend on the format of the file.
        Assert.Equal(Model.Load(safetensors).Id, Model.Load(onnx).Id);
        Assert.Equal(Model.Load(onnx).Id, trained.GetProperty("modelId").GetString());
        Assert.NotEqual(File.ReadAllBytes(safetensors)[..16], File.ReadAllBytes(onnx)[..16]);

        Assert.Equal(
            100, (await JsonAsync("index", "--model", onnx, "--data", demo.Products, "--out", catalog)).GetProperty("products").GetInt32());
        string image = demo.File("products", "images", "000011.png");
        JsonElement hits = (await JsonAsync("query", "--catalog", catalog, "--image", image)).GetProperty("hits");
        Assert.Equal("000011", hits[0].GetProperty("product").GetString());
    }

    [Fact]
    public async Task An_ONNX_file_keeps_the_classes_and_can_be_pruned()
    {
        string model = demo.File("classes.onnx"), pruned = demo.File("pruned.onnx");
        string[] small =
        [
            "--data", demo.Products, "--label", "category", "--classes", "Watch,Belt", "--size", "64", "--epochs", "1",
            "--batch", "8",
        ];
        await JsonAsync(["train", "--network", "esimnet", .. small, "--out", model]);
        await JsonAsync(["train", "--network", "esimnet", "--prune", "--weights", model, .. small, "--half", "--out", pruned]);

        using ImageClassifier classifier = ImageClassifier.Load(model);
        Assert.Equal(new[] { "Belt", "Watch" }, classifier.Classes.ToArray());
        JsonElement evaluated =
            await JsonAsync("evaluate", "--model", pruned, "--data", demo.Products, "--label", "category", "--classes", "Watch,Belt");
        Assert.Equal(2, evaluated.GetProperty("classification").GetProperty("classes").GetArrayLength());
        Assert.True(new FileInfo(pruned).Length < 0.6 * new FileInfo(model).Length);
    }

    [Fact]
    public async Task A_16_bit_folded_embedding_only_export_computes_the_same_embedding()
    {
        string whole = demo.File("whole.onnx"), small = demo.File("small.onnx");
        JsonElement first = await JsonAsync("export", "--out", whole);
        JsonElement second = await JsonAsync("export", "--half", "--fold-norms", "--embedding-only", "--out", small);

        Assert.Equal(
            (new FileInfo(whole).Length, 512), (first.GetProperty("bytes").GetInt64(), first.GetProperty("dimensions").GetInt32()));
        Assert.Equal(("embedding", 512), (second.GetProperty("embeddingLayer").GetString(), second.GetProperty("dimensions").GetInt32()));
        Assert.True(second.GetProperty("bytes").GetInt64() < 0.55 * first.GetProperty("bytes").GetInt64());
        Assert.True(second.GetProperty("parameters").GetInt32() < first.GetProperty("parameters").GetInt32());
        Assert.Equal(ImageEmbedder.Default.Model.Id, Model.Load(whole).Id);

        ImageSource image = demo.File("products", "images", "000003.png");
        using ImageEmbedder embedder = ImageEmbedder.Load(small);
        float[] expected = await ImageEmbedder.Default.EmbedAsync(image), actual = await embedder.EmbedAsync(image);
        float largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First / largest, pair.Second / largest, 1e-3f));
    }

    [Fact]
    public async Task Plain_weights_are_exported_with_the_name_of_their_network()
    {
        // Weights like those of torchvision, with only eight classes.
        Network network = SqueezeNet.Create(SqueezeNetVersion.V1_1, classes: 8);
        StateDict weights = WeightInitialization.Create(network, seed: 2);
        string plain = demo.File("plain.safetensors"), named = demo.File("named.safetensors"), onnx = demo.File("plain.onnx");
        SafetensorsFile.Write(plain, weights);
        SafetensorsFile.Write(named, weights, new Dictionary<string, string> { ["architecture"] = "squeezenet1_1" });

        JsonElement exported = await JsonAsync("export", "--model", plain, "--network", "squeezenet1_1", "--out", onnx);
        Assert.Equal(
            (network.ParameterCount, "224x224x3"),
            (exported.GetProperty("parameters").GetInt32(), exported.GetProperty("input").GetString()));
        Assert.Equal(Preprocessing.ImageNet, Preprocessing.FromMetadata(Model.Load(onnx).Metadata));
        Assert.Equal(weights["features.0.weight"].Values.ToArray(), Model.Load(onnx).Weights["features.0.weight"].Values.ToArray());

        byte[] first = File.ReadAllBytes(onnx);
        await JsonAsync("export", "--model", named, "--out", onnx);
        Assert.Equal(first, File.ReadAllBytes(onnx));
        await JsonAsync("export", "--model", $"squeezenet1_1:{plain}", "--out", onnx);
        Assert.Equal(first, File.ReadAllBytes(onnx));

        (int code, _, string error) = await Simnet.RunAsync("export", "--model", plain, "--out", onnx);
        Assert.Equal(1, code);
        Assert.Contains("'architecture'", error, StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllBytes(onnx));
    }

    [Fact]
    public async Task An_ONNX_file_of_another_program_gets_the_ImageNet_preprocessing()
    {
        var network = new Network(
            "other", new Shape(3, 48, 40), [new Conv2d("a", 6, 3) { Stride = 2 }, new HardSwish("b"), new GlobalAveragePool2d("c")]);
        string path = demo.File("other.onnx"), catalog = demo.File("other.simnet");
        using (FileStream stream = File.Create(path))
        {
            OnnxFile.Write(stream, network, WeightInitialization.Create(network, seed: 1), ["c"]);
        }

        JsonElement indexed = await JsonAsync("index", "--model", path, "--data", demo.Products, "--out", catalog);
        Assert.Equal((100, 6), (indexed.GetProperty("products").GetInt32(), indexed.GetProperty("dimensions").GetInt32()));
        using Core.SimilarityEngine engine = Core.SimilarityEngine.Open(catalog);
        Assert.Equal(Preprocessing.ImageNet with { Height = 48, Width = 40 }, engine.Embedder.Preprocessing);
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        (int code, string output, string error) = await Simnet.RunAsync([.. arguments, "--json"]);
        Assert.True(code == 0, error);
        using JsonDocument document = JsonDocument.Parse(output);
        return document.RootElement.Clone();
    }
}
