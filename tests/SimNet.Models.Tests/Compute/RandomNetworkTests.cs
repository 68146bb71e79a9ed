namespace SimNet.Models.Tests;

/// <summary>
/// Random networks of every kind of layer, in odd orders, with branches, settings and shapes drawn by seed, against the reference interpreter: what fusion,
/// writing in place and concatenation without a copy may get wrong shows where layers meet that nobody thought of together.
/// </summary>
public sealed class RandomNetworkTests
{
    private const int Networks = 150;

    [Theory]
    [InlineData(VectorWidth.Bits512)]
    [InlineData(VectorWidth.Bits256)]
    [InlineData(VectorWidth.Bits128)]
    [InlineData(VectorWidth.Scalar)]
    public void Inference_is_that_of_the_definition(VectorWidth width)
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            Network network = RandomNetwork.Create(seed);
            StateDict weights = ComputeData.Weights(network, seed);
            int count = 1 + seed % 3;
            float[] input = ComputeData.Normal(count * network.InputShape.Length, seed);

            // Some layers' outputs besides the last one: what is wanted must be had as it is.
            string[] wanted = [.. network.Layers.Where((_, i) => i == network.Layers.Length - 1 || (i + seed) % 5 == 0).Select(layer => layer.Name)];
            using IInferenceSession session = new ManagedBackend(new ManagedBackendOptions { VectorWidth = width, MaxThreads = 1 + seed % 2 }).CreateInferenceSession(network, weights, wanted);
            float[][] outputs = [.. session.OutputShapes.Select(shape => new float[count * shape.Length])];
            session.Run(input, count, [.. outputs.Select(output => output.AsMemory())]);
            double[][] expected = new ReferenceInterpreter(network, weights).Forward(ComputeData.ToDouble(input), count, training: false);
            for (int i = 0; i < wanted.Length; i++)
            {
                double distance = ComputeData.Distance(expected[network.IndexOf(wanted[i])], ComputeData.ToDouble(outputs[i]));
                Assert.True(distance < 5e-5, $"seed {seed}: {wanted[i]} is off by {distance:E1} of its largest value in\n{string.Join('\n', network.Layers)}");
            }
        }
    }
}
