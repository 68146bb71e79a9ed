namespace SimNet.Compute.Tests;

public sealed class InferenceSessionTests
{
    private static readonly Network Fire = new("fire", new Shape(3, 9, 8),
    [
        new Relu("start"), new Conv2d("squeeze", 5, 1), new BatchNorm2d("norm") { Epsilon = 1e-3f }, new LeakyRelu("act"),
        new Sigmoid("gate") { Inputs = ["norm"] },
        new Conv2d("left", 6, 1) { Inputs = ["act"] }, new Relu("left.act"), new Conv2d("right", 17, 3) { Padding = 1, Inputs = ["act"] },
        new Relu("right.act"),
        new Concat("cat") { Inputs = ["left.act", "right.act", "act", "gate"] }, new Relu("again"), new MaxPool2d("pool", 3) { Stride = 2 },
        new BatchNorm2d("norm2"), new ConvTranspose2d("up", 7, 3) { Stride = 2, Padding = 1, OutputPadding = 1 }, new BatchNorm2d("norm3"),
        new Sigmoid("sigmoid"),
    ]);

    [Fact]
    public void Every_layer_requested_alone_matches_its_definition()
    {
        foreach (string name in Fire.Layers.Select(l => l.Name))
        {
            AssertOutputs([name]);
        }
    }

    [Fact]
    public void Layers_requested_together_match_their_definitions()
    {
        AssertOutputs([.. Fire.Layers.Select(l => l.Name)]);
        AssertOutputs([.. Fire.Layers.Select(l => l.Name).Reverse()]);
        AssertOutputs(["act", "norm3", "act", "cat"]);
    }

    [Fact]
    public void Single_sample_is_bitwise_identical_to_the_same_sample_in_a_batch()
    {
        const int Count = 70;
        StateDict weights = NetworkData.Weights(Fire, 2);
        float[] input = NetworkData.Normal(Count * Fire.InputShape.Length, 2);
        var whole = new float[Count * Fire.OutputShape.Length];
        using IInferenceSession session = new ManagedBackend(new ManagedBackendOptions { MaxThreads = 3 })
            .CreateInferenceSession(Fire, weights, ["sigmoid"]);
        using IInferenceSession alone = new ManagedBackend(new ManagedBackendOptions { MaxThreads = 1 })
            .CreateInferenceSession(Fire, weights, ["sigmoid"]);
        session.Run(input, Count, [whole]);
        for (int i = 0; i < Count; i++)
        {
            var one = new float[Fire.OutputShape.Length];
            alone.Run(input.AsMemory(i * Fire.InputShape.Length, Fire.InputShape.Length), 1, [one]);
            Assert.Equal(whole[(i * one.Length)..((i + 1) * one.Length)], one);
        }
    }

    [Fact]
    public void Results_are_bitwise_identical_when_threads_share_a_sample()
    {
        // Large enough that every layer has several units of work; several rounds, since thread timing varies.
        Network network = SqueezeNet.CreateESimNet(10, size: 96);
        StateDict weights = NetworkData.Weights(network, 4);
        float[] input = NetworkData.Normal(2 * network.InputShape.Length, 4);
        string[] outputs = ["features.3", "features.12", network.Layers[^1].Name];
        float[][] expected = Run(1, 2);
        for (int round = 0; round < 5; round++)
        {
            Assert.Equal(expected, Run(3, 2));
            Assert.Equal(expected, Run(4, 2));
        }

        float[][] Run(int threads, int count)
        {
            using IInferenceSession session = new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads })
                .CreateInferenceSession(network, weights, outputs);
            float[][] values = [.. session.OutputShapes.Select(shape => new float[count * shape.Length])];
            session.Run(input, count, [.. values.Select(v => v.AsMemory())]);
            return values;
        }
    }

    [Fact]
    public void Concurrent_callers_get_their_own_results()
    {
        StateDict weights = NetworkData.Weights(Fire, 3);
        using IInferenceSession session = new ManagedBackend(new ManagedBackendOptions { MaxThreads = 2 })
            .CreateInferenceSession(Fire, weights, ["pool", "sigmoid"]);
        float[][] inputs = [.. Enumerable.Range(0, 40).Select(i => NetworkData.Normal((1 + i % 5) * Fire.InputShape.Length, i))];
        float[][][] expected = [.. inputs.Select(Run)];
        Parallel.For(0, 400, i => Assert.Equal(expected[i % 40], Run(inputs[i % 40])));

        float[][] Run(float[] input)
        {
            int count = input.Length / Fire.InputShape.Length;
            float[][] outputs = [.. session.OutputShapes.Select(s => new float[count * s.Length])];
            session.Run(input, count, [.. outputs.Select(o => o.AsMemory())]);
            return outputs;
        }
    }

    [Fact]
    public void NaN_infinity_and_subnormals_propagate_as_in_PyTorch()
    {
        // Four pooling windows: with a NaN; all minus infinity; with plus infinity; with subnormals.
        const float Tiny = 1e-42f;
        float[] input =
        [
            1, float.NaN, float.NegativeInfinity, float.NegativeInfinity, 3, float.PositiveInfinity, -Tiny, Tiny,
            5, 2, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, 0, 0, -1,
        ];
        var shape = new Shape(1, 2, 8);
        AssertBits([float.NaN, float.NegativeInfinity, float.PositiveInfinity, Tiny], new MaxPool2d("layer", 2));
        AssertBits(
            [1, float.NaN, 0, 0, 3, float.PositiveInfinity, 0, Tiny, 5, 2, 0, 0, 0, 0, 0, 0], new Relu("layer"));
        AssertBits(
            [1, float.NaN, float.NegativeInfinity, float.NegativeInfinity, 3, float.PositiveInfinity, -0.5f * Tiny, Tiny,
                5, 2, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, 0, 0, -0.5f],
            new LeakyRelu("layer") { NegativeSlope = 0.5f });
        foreach (VectorWidth width in Enum.GetValues<VectorWidth>())
        {
            float[] sigmoid = Run(width, new Sigmoid("layer"));
            Assert.Equal(float.NaN, sigmoid[1]);
            Assert.Equal(0, sigmoid[2]);
            Assert.Equal(1, sigmoid[5]);
            Assert.Equal(0.5f, sigmoid[7]);
            Assert.Equal(1 / (1 + Math.Exp(-3)), sigmoid[4], 1e-6);
        }

        void AssertBits(float[] expected, Layer layer)
        {
            foreach (VectorWidth width in Enum.GetValues<VectorWidth>())
            {
                Assert.Equal(expected, Run(width, layer));
            }
        }

        float[] Run(VectorWidth width, Layer layer)
        {
            var network = new Network("one", shape, [layer]);
            using IInferenceSession session = new ManagedBackend(new ManagedBackendOptions { VectorWidth = width }).CreateInferenceSession(
                network, NetworkData.Weights(network, 1), ["layer"]);
            var output = new float[network.OutputShape.Length];
            session.Run(input, 1, [output]);
            return output;
        }
    }

    [Fact]
    public void Invalid_outputs_buffers_and_counts_are_rejected_by_name()
    {
        StateDict weights = NetworkData.Weights(Fire, 1);
        var backend = new ManagedBackend();
        Assert.Contains(
            "nowhere",
            Assert.ThrowsAny<ArgumentException>(() => backend.CreateInferenceSession(Fire, weights, ["nowhere"])).Message,
            StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => backend.CreateInferenceSession(Fire, weights, ["input"]));
        Assert.ThrowsAny<ArgumentException>(() => backend.CreateInferenceSession(Fire, weights, []));
        Assert.Contains(
            "up.weight",
            Assert.ThrowsAny<ArgumentException>(
                () => backend.CreateInferenceSession(Fire, new StateDict(weights.Where(w => w.Key != "up.weight")), ["pool"])).Message,
            StringComparison.Ordinal);
        IInferenceSession session = backend.CreateInferenceSession(Fire, weights, ["pool", "norm"]);
        var input = new float[2 * session.InputShape.Length];
        Memory<float>[] outputs = [.. session.OutputShapes.Select(s => new float[2 * s.Length])];
        session.Run(input, 2, outputs);
        Assert.Equal("input", Assert.ThrowsAny<ArgumentException>(() => session.Run(input, 1, outputs)).ParamName);
        Assert.Equal("count", Assert.ThrowsAny<ArgumentException>(() => session.Run(input, 0, outputs)).ParamName);
        Assert.Equal("outputs", Assert.ThrowsAny<ArgumentException>(() => session.Run(input, 2, [outputs[0]])).ParamName);
        Assert.Equal("outputs[1]", Assert.ThrowsAny<ArgumentException>(() => session.Run(input, 2, [outputs[0], outputs[0]])).ParamName);
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run(input, 2, outputs));
    }

    private static void AssertOutputs(string[] names)
    {
        const int Count = 3;
        StateDict weights = NetworkData.Weights(Fire, 5);
        float[] input = NetworkData.Normal(Count * Fire.InputShape.Length, 5);
        double[][] expected = new ReferenceInterpreter(Fire, weights).Forward(NetworkData.ToDouble(input), Count, training: false);
        using IInferenceSession session = new ManagedBackend().CreateInferenceSession(Fire, weights, names);
        float[][] outputs = [.. session.OutputShapes.Select(s => new float[Count * s.Length])];
        session.Run(input, Count, [.. outputs.Select(o => o.AsMemory())]);
        for (int i = 0; i < names.Length; i++)
        {
            double distance = NetworkData.Distance(expected[Fire.IndexOf(names[i])], NetworkData.ToDouble(outputs[i]));
            Assert.True(distance < 1e-5, $"{names[i]} of {string.Join(", ", names)} is off by {distance:E1}");
        }
    }
}
