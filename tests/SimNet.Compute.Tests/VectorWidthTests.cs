using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Compute.Tests;

/// <summary>
/// Every vector width trains like the scalar form: outputs and gradients agree to 1e-5 of the largest value (float32 rounding).
/// </summary>
public sealed class VectorWidthTests
{
    private static readonly VectorWidth[] Wide = [VectorWidth.Bits512, VectorWidth.Bits256, VectorWidth.Bits128];

    [Fact]
    public void Random_networks_agree_at_every_vector_width()
    {
        Gen<(Network Network, int Count, Loss Loss, int Seed)> networks =
            from channels in Gen.Choose(1, 35)
            from filters in Gen.Choose(1, 40)
            from kernel in Gen.Choose(1, 5)
            from stride in Gen.Choose(1, 3)
            from padding in Gen.Choose(0, 2)
            from transposed in Gen.Elements(true, false)
            from window in Gen.Choose(1, 3)
            from step in Gen.Choose(0, 3)
            from slope in Gen.Elements(0f, 0.01f, 1.5f, -0.5f)
            from height in Gen.Choose(5, 9)
            from width in Gen.Choose(5, 9)
            from count in Gen.Choose(1, 3)
            from loss in Gen.Elements(Loss.MeanSquaredError, Loss.BinaryCrossEntropy)
            from seed in Gen.Choose(0, 1000)
            select (Build(channels, filters, kernel, stride, padding, transposed, window, step, slope, height, width), count, loss, seed);
        Prop.ForAll(networks.ToArbitrary(), n => Check(n.Network, n.Count, n.Loss, n.Seed)).QuickCheckThrowOnFailure();
    }

    private static Network Build(
        int channels,
        int filters,
        int kernel,
        int stride,
        int padding,
        bool transposed,
        int window,
        int step,
        float slope,
        int height,
        int width)
    {
        Layer second = transposed
            ? new ConvTranspose2d("second", filters, kernel)
            {
                Stride = stride,
                Padding = Math.Min(padding, kernel - 1),
                OutputPadding = stride - 1,
            }
            : new Conv2d("second", filters, kernel) { Stride = stride, Padding = Math.Min(padding, kernel - 1) };
        var layers = new List<Layer>
        {
            new Conv2d("first", channels, 1), new Relu("relu"), new MaxPool2d("pool", window) { Stride = step }, second,
            new BatchNorm2d("norm"), new LeakyRelu("leaky") { NegativeSlope = slope }, new Sigmoid("sigmoid"),
        };
        int minimum = (kernel * Math.Max(step, window)) + window;
        return new Network("random", new Shape(2, Math.Max(height, minimum), Math.Max(width, minimum)), layers);
    }

    private static void Check(Network network, int count, Loss loss, int seed)
    {
        if (network.OutputShape is (_, 1, 1))
        {
            count = Math.Max(count, 2);
        }

        (double[] Output, double[][] Gradients, float Value) scalar = Step(VectorWidth.Scalar, network, count, loss, seed);
        foreach (VectorWidth width in Wide)
        {
            (double[] Output, double[][] Gradients, float Value) wide = Step(width, network, count, loss, seed);
            Assert.True(NetworkData.Distance(scalar.Output, wide.Output) < 1e-5, $"{width}: output");
            Assert.Equal(scalar.Value, wide.Value, 1e-5);
            double largest = scalar.Gradients.Max(g => g.Max(Math.Abs));
            for (int i = 0; i < scalar.Gradients.Length; i++)
            {
                // Relative to all gradients, since some are only rounding errors (a bias before batch norm).
                Assert.True(NetworkData.Distance(scalar.Gradients[i], wide.Gradients[i], floor: largest) < 2e-5, $"{width}: gradient {i}");
            }
        }
    }

    private static (double[] Output, double[][] Gradients, float Value) Step(
        VectorWidth width, Network network, int count, Loss loss, int seed)
    {
        var backend = new ManagedBackend(new ManagedBackendOptions { MaxThreads = 1, VectorWidth = width });
        using var session = (ManagedTrainingSession)backend.CreateTrainingSession(
            network, NetworkData.Weights(network, seed), new TrainingSessionOptions { Loss = loss });
        var output = new float[count * network.OutputShape.Length];
        float value = session.TrainStep(
            NetworkData.Normal(count * network.InputShape.Length, seed), NetworkData.Uniform(output.Length, seed), count, 1e-3f, output);
        double[][] gradients =
        [
            .. network.Parameters.Where(p => p.Trainable).Select(p => NetworkData.ToDouble(session.GetGradient(p.Name).ToArray())),
        ];
        return (NetworkData.ToDouble(output), gradients, value);
    }
}
