using SimNet.Conformance;

namespace SimNet.Compute.Tests;

/// <summary>
/// Random networks of every kind of layer, in odd orders, with branches, settings and shapes drawn by seed, against the reference interpreter: what fusion,
/// writing in place and concatenation without a copy may get wrong shows where layers meet that nobody thought of together.
/// </summary>
public sealed class RandomNetworkTests
{
    private const int Networks = 60;

    [Theory]
    [InlineData(VectorWidth.Bits512, 0)]
    [InlineData(VectorWidth.Bits256, 1000)]
    [InlineData(VectorWidth.Bits128, 2000)]
    [InlineData(VectorWidth.Scalar, 3000)]
    public void Gradients_are_those_of_the_definition(VectorWidth width, int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + Networks; seed++)
        {
            // With a linear layer at the end, so that the loss has a slope and something isTrained.
            Network network = RandomNetworks.Create(seed);
            network = new Network(network.Name, network.InputShape, [.. network.Layers, new Conv2d("end", 3, 1)]);
            StateDict weights = NetworkData.Weights(network, seed);
            const int Count = 3;
            float[] input = NetworkData.Normal(Count * network.InputShape.Length, seed);
            float[] target = NetworkData.Uniform(Count * network.OutputShape.Length, seed);
            using var session = (ManagedTrainingSession)new ManagedBackend(new ManagedBackendOptions { VectorWidth = width, MaxThreads = 1 }).CreateTrainingSession(
                network, weights, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = 0 } });
            var output = new float[target.Length];
            session.TrainStep(input, target, Count, learningRate: 0, output);
            var reference = new ReferenceInterpreter(network, weights);
            double[] wideInput = NetworkData.ToDouble(input);
            double[] wideTarget = NetworkData.ToDouble(target);
            double distance = NetworkData.Distance(reference.Forward(wideInput, Count, training: true)[^1], NetworkData.ToDouble(output));
            Assert.True(distance < 1e-4, Describe("output", distance));

            // Along one random direction in each parameter: the sizes of all gradients together are the measure, since those before a norm vanish but for rounding.
            ParameterInfo[] learning = [.. network.Parameters.Where(parameter => parameter.Trainable && session.IsTrained(parameter.Name))];
            double[] lengths = [.. learning.Select(parameter => Math.Sqrt(NetworkData.Wide(session.GetGradient(parameter.Name)).Sum(g => g * g)))];
            for (int i = 0; i < learning.Length; i++)
            {
                double[] gradient = NetworkData.ToDouble(session.GetGradient(learning[i].Name).ToArray());
                double[] direction = [.. NetworkData.Normal(gradient.Length, seed + i).Select(v => v / Math.Sqrt(gradient.Length))];
                double along = gradient.Zip(direction, (g, d) => g * d).Sum();
                double expected = reference.Derivative(learning[i].Name, direction, wideInput, wideTarget, Count, Loss.MeanSquaredError);
                double off = Math.Abs(along - expected) / (lengths[i] / Math.Sqrt(gradient.Length) + 1e-3 * lengths.Max() + 1e-6);
                Assert.True(off < 5e-3, Describe($"gradient of {learning[i].Name}", off));
            }

            string Describe(string what, double by) => $"seed {seed}: {what} is off by {by:E1} in\n{string.Join('\n', network.Layers.Select(layer => $"{layer} <- {string.Join(' ', layer.Inputs)}"))}";
        }
    }

    [Theory]
    [InlineData(VectorWidth.Bits512, 0)]
    [InlineData(VectorWidth.Bits256, 1000)]
    [InlineData(VectorWidth.Bits128, 2000)]
    [InlineData(VectorWidth.Scalar, 3000)]
    public void Inference_is_that_of_the_definition(VectorWidth width, int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + Networks; seed++)
        {
            Network network = RandomNetworks.Create(seed);
            StateDict weights = NetworkData.Weights(network, seed);
            int count = 1 + seed % 3;
            float[] input = NetworkData.Normal(count * network.InputShape.Length, seed);

            // Some layers' outputs besides the last one: what is wanted must be had as it is.
            string[] wanted = [.. network.Layers.Where((_, i) => i == network.Layers.Length - 1 || (i + seed) % 5 == 0).Select(layer => layer.Name)];
            using IInferenceSession session = new ManagedBackend(new ManagedBackendOptions { VectorWidth = width, MaxThreads = 1 + seed % 2 }).CreateInferenceSession(network, weights, wanted);
            float[][] outputs = [.. session.OutputShapes.Select(shape => new float[count * shape.Length])];
            session.Run(input, count, [.. outputs.Select(output => output.AsMemory())]);
            double[][] expected = new ReferenceInterpreter(network, weights).Forward(NetworkData.ToDouble(input), count, training: false);
            for (int i = 0; i < wanted.Length; i++)
            {
                double distance = NetworkData.Distance(expected[network.IndexOf(wanted[i])], NetworkData.ToDouble(outputs[i]));
                Assert.True(distance < 5e-5, $"seed {seed}: {wanted[i]} is off by {distance:E1} of its largest value in\n{string.Join('\n', network.Layers)}");
            }
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            Network network = RandomNetworks.Create(seed);
            network = new Network(network.Name, network.InputShape, [.. network.Layers, new Conv2d("end", 3, 1)]);
            float[][] one = Run(network, seed, threads: 1);
            float[][] three = Run(network, seed, threads: 3);
            Assert.True(one.Zip(three).All(pair => pair.First.SequenceEqual(pair.Second)), $"seed {seed}: {string.Join(" ", one.Zip(three).Select(pair => pair.First.SequenceEqual(pair.Second)))}\n{string.Join("\n", network.Layers.Select(layer => $"{layer} <- {string.Join(" ", layer.Inputs)}"))}");
        }
    }

    /// <summary>A batch's outputs, a single sample's, a training step's, and the weights after it.</summary>
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
        using ITrainingSession training = backend.CreateTrainingSession(network, weights, new TrainingSessionOptions { Optimizer = new Sgd() });
        training.TrainStep(input, target, Count, 0.1f, trained);
        return [batch, single, trained, .. training.ExportWeights().Select(weight => weight.Value.Values.ToArray())];
    }
}
