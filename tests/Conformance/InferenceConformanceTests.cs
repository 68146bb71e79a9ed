using FsCheck;
using FsCheck.Fluent;
using SimNet.Models;

namespace SimNet.Conformance;

/// <summary>
/// Inference tests that every back end must pass: outputs match those of <see cref="Reference"/> within <see cref="Tolerance"/>, for every
/// layer and for random networks.
/// </summary>
public abstract class InferenceConformanceTests
{
    protected abstract IInferenceBackend Backend { get; }

    protected virtual IInferenceBackend Reference { get; } = new ManagedBackend();

    /// <summary>The largest allowed difference, relative to the largest value of the output or 1, whichever is larger.</summary>
    protected virtual double Tolerance => 1e-4;

    [SkippableTheory]
    [MemberData(nameof(LayerCases.Names), MemberType = typeof(LayerCases))]
    public void Every_layer_matches_the_reference(string name)
    {
        Network network = LayerCases.Get(name);
        Compare(network, [.. network.Layers.Select(layer => layer.Name)], count: 3, seed: 1);

        // Without intermediate outputs, a back end may fuse layers.
        Compare(network, [network.Layers[^1].Name], count: 3, seed: 2);
    }

    [SkippableFact]
    public void Random_networks_match_the_reference()
    {
        _ = Backend;
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            Network network = RandomNetworks.Create(seed);
            string middle = network.Layers[seed % network.Layers.Length].Name;
            Compare(network, [network.Layers[^1].Name, middle], 1 + (seed % 3), seed);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [SkippableFact]
    public void ESimNet_logits_and_embedding_match_the_reference()
    {
        Network network = SqueezeNet.CreateESimNet(classes: 10, size: 64);
        Compare(network, [network.Layers[^1].Name, SqueezeNet.EmbeddingLayer], count: 2, seed: 3);
    }

    [SkippableFact]
    public void Autoencoder_images_and_embeddings_match_the_reference()
    {
        Network network = DenoisingAutoencoder.Create();
        Compare(network, [network.Layers[^1].Name, DenoisingAutoencoder.EmbeddingLayer], count: 3, seed: 4);
    }

    [SkippableFact]
    public void Output_requested_twice_is_returned_twice()
    {
        Network network = LayerCases.Get("residual");
        Compare(network, ["sum", "out", "sum"], count: 2, seed: 5);
    }

    [SkippableFact]
    public void Output_of_a_sample_does_not_depend_on_its_batch()
    {
        Network network = LayerCases.Get("squeeze and excite");
        StateDict weights = RandomNetworks.Weights(network, 6);
        using IInferenceSession session = Backend.CreateInferenceSession(network, weights, ["out"]);
        float[] input = RandomNetworks.Samples(network.InputShape, 200, 7);
        float[] together = Run(session, input, 200)[0];
        int length = network.InputShape.Length;
        for (int i = 0; i < 200; i += 67)
        {
            AssertClose(
                Run(session, input[(i * length)..((i + 1) * length)], 1)[0],
                together.AsSpan(i * network.OutputShape.Length, network.OutputShape.Length).ToArray(),
                1e-5,
                $"sample {i}");
        }
    }

    [SkippableFact]
    public async Task Session_can_be_used_by_many_threads()
    {
        Network network = LayerCases.Get("fire");
        StateDict weights = RandomNetworks.Weights(network, 8);
        using IInferenceSession session = Backend.CreateInferenceSession(network, weights, ["pool"]);
        float[][] inputs = [.. Enumerable.Range(0, 8).Select(i => RandomNetworks.Samples(network.InputShape, 1 + i, i))];
        float[][] expected = [.. inputs.Select((input, i) => Run(session, input, 1 + i)[0])];
        await Parallel.ForAsync(0, 64, (number, _) =>
        {
            int i = number % 8;
            AssertClose(expected[i], Run(session, inputs[i], 1 + i)[0], 1e-5, $"call {number}");
            return ValueTask.CompletedTask;
        });
    }

    [SkippableFact]
    public void Buffers_of_wrong_length_are_rejected_by_name()
    {
        Network network = LayerCases.Get("ReLU");
        using IInferenceSession session = Backend.CreateInferenceSession(network, RandomNetworks.Weights(network, 1), ["a"]);
        int length = network.InputShape.Length;
        Assert.Equal(
            "input", Assert.ThrowsAny<ArgumentException>(() => session.Run(new float[length - 1], 1, [new float[length]])).ParamName);
        Assert.Equal(
            "outputs[0]", Assert.ThrowsAny<ArgumentException>(() => session.Run(new float[length], 1, [new float[length + 1]])).ParamName);
        Assert.Equal("outputs", Assert.ThrowsAny<ArgumentException>(() => session.Run(new float[length], 1, [])).ParamName);
        Assert.Equal("count", Assert.ThrowsAny<ArgumentException>(() => session.Run(new float[length], 0, [new float[length]])).ParamName);
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run(new float[length], 1, [new float[length]]));
    }

    [SkippableFact]
    public void Missing_layers_and_weights_are_rejected_by_name()
    {
        Network network = LayerCases.Get("conv 1x1");
        StateDict weights = RandomNetworks.Weights(network, 1);
        Assert.Contains(
            "'nowhere'",
            Assert.ThrowsAny<ArgumentException>(() => Backend.CreateInferenceSession(network, weights, ["nowhere"])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "'c.bias'",
            Assert.ThrowsAny<ArgumentException>(
                () => Backend.CreateInferenceSession(network, new StateDict(weights.Where(pair => pair.Key != "c.bias")), ["c"])).Message,
            StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => Backend.CreateInferenceSession(network, weights, []));
    }

    private protected static float[][] Run(IInferenceSession session, float[] input, int count)
    {
        float[][] outputs = [.. session.OutputShapes.Select(shape => new float[shape.Length * count])];
        session.Run(input, count, [.. outputs.Select(output => output.AsMemory())]);
        return outputs;
    }

    private protected static void AssertClose(float[] expected, float[] actual, double tolerance, string what)
    {
        double largest = Math.Max(1, expected.Max(value => Math.Abs((double)value)));
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)expected[i] - actual[i]) / largest;
            Assert.True(difference <= tolerance, $"{what}: value {i} is {actual[i]:R}; expected {expected[i]:R} (largest {largest:R})");
        }
    }

    private void Compare(Network network, string[] outputs, int count, int seed)
    {
        StateDict weights = RandomNetworks.Weights(network, seed);
        float[] input = RandomNetworks.Samples(network.InputShape, count, seed);
        using IInferenceSession session = Backend.CreateInferenceSession(network, weights, outputs);
        using IInferenceSession reference = Reference.CreateInferenceSession(network, weights, outputs);
        Assert.Equal(reference.InputShape, session.InputShape);
        Assert.Equal(reference.OutputShapes, session.OutputShapes);
        float[][] expected = Run(reference, input, count), actual = Run(session, input, count);
        for (int i = 0; i < outputs.Length; i++)
        {
            AssertClose(expected[i], actual[i], Tolerance, $"{network.Name}, layer '{outputs[i]}'");
        }
    }
}
