namespace SimNet.TorchSharp.Tests;

public sealed class MixedPrecisionTests
{
    private static readonly TorchSharpBackendOptions Mixed = new() { Device = ComputeDevice.Cpu, MixedPrecision = true };

    private static readonly Network Classifier = new("classifier", new Shape(2, 8, 8),
    [
        new Conv2d("a", 6, 3) { Padding = 1 }, new BatchNorm2d("a.norm"), new Sigmoid("a.act"),
        new ConvTranspose2d("up", 4, 2) { Stride = 2 },
        new BatchNorm2d("up.norm"), new Silu("up.act"), new MaxPool2d("pool", 2), new Conv2d("b", 3, 1), new GlobalAveragePool2d("logits"),
    ]);

    private static readonly TrainingSessionOptions Cross = new() { Loss = Loss.CrossEntropy, Optimizer = new Sgd() };

    [SkippableFact]
    public void Half_precision_results_are_close_to_single_precision()
    {
        StateDict weights = NetworkData.Weights(Classifier, 1);
        float[] input = NetworkData.Normal(4 * Classifier.InputShape.Length, 2), single = new float[12], half = new float[12];
        using IInferenceSession exact = Backends.Torch.CreateInferenceSession(Classifier, weights, ["logits"]);
        using IInferenceSession mixed = Backends.Open(Mixed).CreateInferenceSession(Classifier, weights, ["logits"]);
        exact.Run(input, 4, [single]);
        mixed.Run(input, 4, [half]);

        Assert.InRange(NetworkData.Distance(NetworkData.ToDouble(single), NetworkData.ToDouble(half)), 1e-5, 0.03);
    }

    [SkippableFact]
    public void Half_precision_step_updates_weights_nearly_as_single_precision_does()
    {
        StateDict weights = NetworkData.Weights(Classifier, 1);
        float[] input = NetworkData.Normal(4 * Classifier.InputShape.Length, 2), target = [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0];
        using ITrainingSession exact = Backends.Torch.CreateTrainingSession(Classifier, weights, Cross);
        using ITrainingSession mixed = Backends.Open(Mixed).CreateTrainingSession(Classifier, weights, Cross);
        Assert.Equal(exact.TrainStep(input, target, 4, 1e-3f), mixed.TrainStep(input, target, 4, 1e-3f), 0.02f);

        // The weights are in single precision: a step far below the spacing of half precision still changes them.
        StateDict moved = Backends.Change(weights, mixed.ExportWeights());
        Assert.InRange(Backends.Distance(Backends.Change(weights, exact.ExportWeights()), moved, 1e-3), 1e-5, 0.15);
        Assert.All(moved.Values("b.weight"), change => Assert.NotEqual(0, change));
    }

    [SkippableFact]
    public void Half_precision_training_converges_as_fast_as_single_precision()
    {
        float[] input = NetworkData.Normal(6 * Classifier.InputShape.Length, 2);
        float[] target = [.. Enumerable.Range(0, 18).Select(i => i / 3 % 3 == i % 3 ? 1f : 0)];
        (float first, float single) = Train(Backends.Torch);
        (_, float half) = Train(Backends.Open(Mixed));

        Assert.InRange(single, 0, first - 0.05f);
        Assert.InRange(half, single - 0.02f, single + 0.02f);

        (float First, float Last) Train(ITrainingBackend backend)
        {
            using ITrainingSession session = backend.CreateTrainingSession(Classifier, NetworkData.Weights(Classifier, 1), Cross);
            float start = session.TrainStep(input, target, 6, 0.01f), end = start;
            for (int step = 0; step < 60; step++)
            {
                end = session.TrainStep(input, target, 6, 0.01f);
            }

            return (start, end);
        }
    }

    [SkippableFact]
    public void Loss_scale_that_overflows_is_halved_and_does_not_change_the_step()
    {
        StateDict weights = NetworkData.Weights(Classifier, 1);
        var device = TorchDevice.Open(Mixed, new NativeLibrary());
        float[] input = NetworkData.Normal(4 * Classifier.InputShape.Length, 2), target = [1000, 0, 0, 0, 1000, 0, 0, 0, 1000, 1000, 0, 0];
        var high = new LossScale(Math.ScaleB(1, 127));
        using TorchTrainingSession tamed = new(Classifier, weights, Cross, device, high);
        using TorchTrainingSession plain = new(Classifier, weights, Cross, device, new LossScale(1));
        Assert.Equal(plain.TrainStep(input, target, 4, 0.01f), tamed.TrainStep(input, target, 4, 0.01f));

        Assert.InRange(high.Value, 1, Math.ScaleB(1, 126));
        Assert.InRange(
            Backends.Distance(Backends.Change(weights, plain.ExportWeights()), Backends.Change(weights, tamed.ExportWeights())), 0, 1e-4);
    }

    [SkippableFact]
    public void NaN_loss_does_not_change_the_loss_scale()
    {
        var device = TorchDevice.Open(Mixed, new NativeLibrary());
        var scale = new LossScale(64);
        using var session = new TorchTrainingSession(Classifier, NetworkData.Weights(Classifier, 1), Cross, device, scale);
        float[] input = new float[2 * Classifier.InputShape.Length];
        input[0] = float.NaN;
        Assert.Equal(float.NaN, session.TrainStep(input, new float[] { 1, 0, 0, 1, 0, 0 }, 2, 0.01f));
        Assert.Equal(64, scale.Value);
    }

    [SkippableFact]
    public void Loss_scale_grows_after_many_steps_without_overflow()
    {
        var scale = new LossScale(8);
        Assert.True(scale.Shrink());
        for (int step = 0; step < 2000; step++)
        {
            Assert.Equal(4, scale.Value);
            scale.Count();
        }

        Assert.Equal(8, scale.Value);
        Assert.True(scale.Shrink() && scale.Shrink() && scale.Shrink());
        Assert.False(scale.Shrink());
    }
}
