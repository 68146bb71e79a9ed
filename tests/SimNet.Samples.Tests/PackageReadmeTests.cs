using System.Numerics.Tensors;
using SimNet.Compute;
using SimNet.Embeddings;
using SimNet.Evaluation;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Samples.Tests;

/// <summary>
/// The examples in the README files of the packages, word for word. Those of SimNet.Core and the native back ends are in the tests of these
/// projects; SimNet.Repository.Tests checks that none is missing.
/// </summary>
[CollectionDefinition(nameof(PackageReadmeTests), DisableParallelization = true)]
[Collection(nameof(PackageReadmeTests))]
public sealed class PackageReadmeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _previousFolder = Directory.GetCurrentDirectory();
    private readonly TextWriter _previousOutput = Console.Out;
    private readonly StringWriter _output = new();

    /// <summary>The paths in the examples are relative, so the tests need the current folder for themselves.</summary>
    public PackageReadmeTests()
    {
        Directory.SetCurrentDirectory(_folder.Path);
        Console.SetOut(_output);
    }

    public void Dispose()
    {
        Console.SetOut(_previousOutput);
        Directory.SetCurrentDirectory(_previousFolder);
        _folder.Dispose();
    }

    [Fact]
    public async Task Embeddings_compares_two_images()
    {
        string products = SampleCatalog.Write(_folder.File("products"), productsPerClass: 1);
        File.Copy(SampleCatalog.ImagePath(products, "circles", 0), "first.jpg");
        File.Copy(SampleCatalog.ImagePath(products, "circles", 0), "second.jpg");

        float[] first = await ImageEmbedder.Default.EmbedAsync("first.jpg");
        float[] second = await ImageEmbedder.Default.EmbedAsync("second.jpg");
        float similarity = TensorPrimitives.CosineSimilarity<float>(first, second);

        Assert.Equal(1, similarity, 1e-4f);
    }

    [Fact]
    public void Models_saves_and_loads_a_network()
    {
        Network network = SqueezeNet.CreateESimNet(classes: 10, size: 128);
        StateDict weights = WeightInitialization.Create(network, seed: 1);
        var model = new Model(network, weights, SqueezeNet.EmbeddingLayer);
        model.Save("model.onnx");
        Console.WriteLine(Model.Load("model.onnx").Network.ToTable());

        Assert.Contains(SqueezeNet.EmbeddingLayer, _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_runs_a_network()
    {
        Network network = SqueezeNet.CreateESimNet(classes: 10, size: 64);
        StateDict weights = WeightInitialization.Create(network, seed: 1);

        var backend = new ManagedBackend(new ManagedBackendOptions { MaxThreads = 2 });
        using IInferenceSession session = backend.CreateInferenceSession(network, weights, [SqueezeNet.EmbeddingLayer]);
        float[] input = new float[session.InputShape.Length], output = new float[session.OutputShapes[0].Length];
        session.Run(input, count: 1, [output]);

        Assert.Equal(512, output.Length);
        Assert.All(output, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public async Task Index_searches_and_updates()
    {
        var random = new Random(1);
        float[] vectors = [.. Enumerable.Range(0, 1000 * 64).Select(_ => random.NextSingle())];
        float[] query = vectors[..64];

        using var index = new UpdatableIndex(VectorIndex.Build(vectors, dimensions: 64, Metric.Cosine));
        var nearest = new Neighbor[10];
        int found = index.Search(query, nearest);
        int id = index.Add(query);
        index.Remove(nearest[0].Id);
        await index.CompactAsync();
        index.Save("vectors.simnet");

        Assert.Equal((10, 1000, 0), (found, id, nearest[0].Id));
    }

    [Fact]
    public void Evaluation_reports_retrieval()
    {
        var evaluator = new RetrievalEvaluator(k: 5);
        evaluator.Add("shirt", ["shirt", "shirt", "jacket", "shirt", "dress"], totalRelevant: 40);
        Console.WriteLine(evaluator.Report);

        Assert.Equal(0.6, evaluator.Report.MeanPrecision, 1e-12);
    }
}
