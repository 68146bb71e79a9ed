namespace SimNet.TorchSharp.Tests;

public sealed class NetworkTests
{
    private static readonly Dictionary<string, Network> Networks = new()
    {
        ["autoencoder"] = DenoisingAutoencoder.Create(16),
        ["squeezenet"] = SqueezeNet.CreateESimNet(4, 40),
        ["smooth squeezenet"] = Smooth(SqueezeNet.CreateESimNet(4, 40)),
    };

    public static TheoryData<string> Names { get; } = [.. Networks.Keys];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Every_layer_matches_the_managed_back_end(string name)
    {
        Network network = Networks[name];
        StateDict weights = NetworkData.Weights(network, 1);
        string[] layers = [.. network.Layers.Select(layer => layer.Name)];
        float[] input = NetworkData.Normal(3 * network.InputShape.Length, 2);
        float[][] expected = Run(Backends.Managed), actual = Run(Backends.Torch);

        for (int i = 0; i < layers.Length; i++)
        {
            double distance = NetworkData.Distance(NetworkData.ToDouble(expected[i]), NetworkData.ToDouble(actual[i]));
            Assert.True(distance < 2e-5, $"{layers[i]}: {distance}");
        }

        float[][] Run(ITrainingBackend backend)
        {
            using IInferenceSession session = backend.CreateInferenceSession(network, weights, layers);
            float[][] outputs = [.. session.OutputShapes.Select(shape => new float[3 * shape.Length])];
            session.Run(input, 3, [.. outputs.Select(output => (Memory<float>)output)]);
            return outputs;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Training_steps_match_the_managed_back_end(string name)
    {
        Network network = Networks[name];
        var options = new TrainingSessionOptions
        {
            Loss = name == "autoencoder" ? Loss.BinaryCrossEntropy : Loss.CrossEntropy,
            Optimizer = new Sgd(),
            Seed = 7,
        };
        StateDict weights = WeightInitialization.Create(network, 1);
        using ITrainingSession managed = Backends.Managed.CreateTrainingSession(network, weights, options);
        using ITrainingSession torch = Backends.Torch.CreateTrainingSession(network, weights, options);
        float[] expected = new float[4 * network.OutputShape.Length], actual = new float[expected.Length];

        // Rounding can move a value across the kink of an activation, so that steps of networks with kinks soon diverge.
        for (int step = 0; step < (name == "squeezenet" ? 1 : 3); step++)
        {
            float[] input = NetworkData.Normal(4 * network.InputShape.Length, 10 + step);
            float[] target = NetworkData.Uniform(expected.Length, step);
            Assert.Equal(managed.TrainStep(input, target, 4, 0.01f, expected), torch.TrainStep(input, target, 4, 0.01f, actual), 1e-4f);
            Assert.InRange(NetworkData.Distance(NetworkData.ToDouble(expected), NetworkData.ToDouble(actual)), 0, 1e-3);
        }

        // The gradient of a bias before a norm is 0 up to rounding; the floor excludes it.
        Assert.InRange(
            Backends.Distance(Backends.Change(weights, managed.ExportWeights()), Backends.Change(weights, torch.ExportWeights()), 1e-3),
            0,
            5e-3);
        Assert.InRange(Backends.Distance(managed.ExportOptimizerState(), torch.ExportOptimizerState(), 1e-2), 0, 5e-3);
        float[] images = NetworkData.Normal(4 * network.InputShape.Length, 5), targets = NetworkData.Uniform(expected.Length, 6);
        Assert.Equal(managed.Evaluate(images, targets, 4, expected), torch.Evaluate(images, targets, 4, actual), 1e-3f);
        Assert.InRange(NetworkData.Distance(NetworkData.ToDouble(expected), NetworkData.ToDouble(actual)), 0, 1e-3);
    }

    private static Network Smooth(Network network) => new(
        "smooth",
        network.InputShape,
        network.Layers.Select(layer => layer is LeakyRelu kink ? new Sigmoid(kink.Name) { Inputs = kink.Inputs } : layer));
}
