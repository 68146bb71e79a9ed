using SimNet.Conformance;

namespace SimNet.Compute.Tests;

/// <summary>
/// Random networks of all kinds of layers, with random branches, settings and shapes, against the reference interpreter. They cover
/// combinations of fusion, in-place execution and concatenation without a copy that hand-written tests miss.
/// </summary>
public sealed class RandomNetworkTests
{
    private const int Networks = 60;

    [Theory]
    [InlineData(VectorWidth.Bits512, 0)]
    [InlineData(VectorWidth.Bits256, 1000)]
    [InlineData(VectorWidth.Bits128, 2000)]
    [InlineData(VectorWidth.Scalar, 3000)]
    public void Gradients_match_the_definition(VectorWidth width, int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + Networks; seed++)
        {
            // A convolution at the end gives the loss a slope and the network trainable parameters.
            Network network = RandomNetworks.Create(seed);
            network = new Network(network.Name, network.InputShape, [.. network.Layers, new Conv2d("end", 3, 1)]);
            StateDict weights = NetworkData.Weights(network, seed);
            const int Count = 3;
            float[] input = NetworkData.Normal(Count * network.InputShape.Length, seed);
            float[] target = NetworkData.Uniform(Count * network.OutputShape.Length, seed);
            using var session = (ManagedTrainingSession)new ManagedBackend(
                new ManagedBackendOptions { VectorWidth = width, MaxThreads = 1 }).CreateTrainingSession(
                network, weights, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0 } });
            var output = new float[target.Length];
            session.TrainStep(input, target, Count, learningRate: 0, output);
            var reference = new ReferenceInterpreter(network, weights);
            double[] wideInput = NetworkData.ToDouble(input);
            double[] wideTarget = NetworkData.ToDouble(target);
            double distance = NetworkData.Distance(reference.Forward(wideInput, Count, training: true)[^1], NetworkData.ToDouble(output));
            Assert.True(distance < 1e-4, Describe("output", distance));

            // Along one random direction in each parameter, relative to all gradients together, since those before a norm are only rounding
            // errors.
            ParameterInfo[] trained = [.. network.Parameters.Where(parameter => parameter.Trainable && session.IsTrained(parameter.Name))];
            double[] lengths =
            [
                .. trained.Select(parameter => Math.Sqrt(NetworkData.Wide(session.GetGradient(parameter.Name)).Sum(g => g * g))),
            ];
            for (int i = 0; i < trained.Length; i++)
            {
                double[] gradient = NetworkData.ToDouble(session.GetGradient(trained[i].Name).ToArray());
                double[] direction = [.. NetworkData.Normal(gradient.Length, seed + i).Select(v => v / Math.Sqrt(gradient.Length))];
                double along = gradient.Zip(direction, (g, d) => g * d).Sum();
                double expected = reference.Derivative(trained[i].Name, direction, wideInput, wideTarget, Count, Loss.MeanSquaredError);
                double off = Math.Abs(along - expected) / (lengths[i] / Math.Sqrt(gradient.Length) + 1e-3 * lengths.Max() + 1e-6);
                Assert.True(off < 5e-3, Describe($"gradient of {trained[i].Name}", off));
            }

            string Describe(string what, double by) => $"seed {seed}: {what} is off by {by:E1} in\n{List(network)}";
        }
    }

    [Theory]
    [InlineData(VectorWidth.Bits512, 0)]
    [InlineData(VectorWidth.Bits256, 1000)]
    [InlineData(VectorWidth.Bits128, 2000)]
    [InlineData(VectorWidth.Scalar, 3000)]
    public void Inference_matches_the_definition(VectorWidth width, int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + Networks; seed++)
        {
            Network network = RandomNetworks.Create(seed);
            StateDict weights = NetworkData.Weights(network, seed);
            int count = 1 + seed % 3;
            float[] input = NetworkData.Normal(count * network.InputShape.Length, seed);

            // Some intermediate outputs besides the last: fusion must not change a requested output.
            string[] requested =
            [
                .. network.Layers.Where((_, i) => i == network.Layers.Length - 1 || (i + seed) % 5 == 0).Select(layer => layer.Name),
            ];
            using IInferenceSession session =
                new ManagedBackend(new ManagedBackendOptions { VectorWidth = width, MaxThreads = 1 + seed % 2 })
                    .CreateInferenceSession(network, weights, requested);
            float[][] outputs = [.. session.OutputShapes.Select(shape => new float[count * shape.Length])];
            session.Run(input, count, [.. outputs.Select(output => output.AsMemory())]);
            double[][] expected = new ReferenceInterpreter(network, weights).Forward(NetworkData.ToDouble(input), count, training: false);
            for (int i = 0; i < requested.Length; i++)
            {
                double distance = NetworkData.Distance(expected[network.IndexOf(requested[i])], NetworkData.ToDouble(outputs[i]));
                Assert.True(
                    distance < 5e-5,
                    $"seed {seed}: {requested[i]} is off by {distance:E1} of its largest value in\n{string.Join('\n', network.Layers)}");
            }
        }
    }

    [Fact]
    public void Results_are_bitwise_identical_at_any_thread_count()
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            Network network = RandomNetworks.Create(seed);
            network = new Network(network.Name, network.InputShape, [.. network.Layers, new Conv2d("end", 3, 1)]);
            float[][] one = Run(network, seed, threads: 1);
            float[][] three = Run(network, seed, threads: 3);
            Assert.True(
                one.Zip(three).All(pair => pair.First.SequenceEqual(pair.Second)),
                $"seed {seed}: {string.Join(' ', one.Zip(three, (a, b) => a.SequenceEqual(b)))} in\n{List(network)}");
        }
    }

    private static string List(Network network)
        => string.Join('\n', network.Layers.Select(layer => $"{layer} <- {string.Join(' ', layer.Inputs)}"));

    /// <summary>The outputs of a batch, of a single sample and of a training step, and the weights after the step.</summary>
    private static float[][] Run(Network network, int seed, int threads)
    {
        const int Count = 5;
        StateDict weights = NetworkData.Weights(network, seed);
        float[] input = NetworkData.Normal(Count * network.InputShape.Length, seed);
        float[] target = NetworkData.Uniform(Count * network.OutputShape.Length, seed);
        float[] batch = new float[target.Length], single = new float[network.OutputShape.Length], trained = new float[target.Length];
        var backend = new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads });
        using IInferenceSession inference = backend.CreateInferenceSession(network, weights, [network.Layers[^1].Name]);
        inference.Run(input, Count, [batch]);
        inference.Run(input.AsMemory(0, network.InputShape.Length), 1, [single]);
        using ITrainingSession training = backend.CreateTrainingSession(
            network, weights, new TrainingSessionOptions { Optimizer = new Sgd() });
        training.TrainStep(input, target, Count, 0.1f, trained);
        return [batch, single, trained, .. training.ExportWeights().Select(weight => weight.Value.Values.ToArray())];
    }
}
