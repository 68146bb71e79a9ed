using SimNet.Models;

namespace SimNet.Core.Tests;

public sealed class BatchNormFittingTests
{
    private static readonly Network WithoutBatchNorms = new(
        "plain",
        new Shape(2, 5, 4),
        [new Conv2d("one", 3, 1), new Relu("rectified"), new Conv2d("two", 4, 3), new GlobalAveragePool2d("pool")]);

    private static readonly Network WithBatchNorms = new("normed", new Shape(2, 5, 4),
    [
        new Conv2d("one", 3, 1),
        new BatchNorm2d("one.norm"),
        new Relu("rectified"),
        new Conv2d("two", 4, 3),
        new BatchNorm2d("two.norm"),
        new GlobalAveragePool2d("pool"),
    ]);

    [Fact]
    public void Fitted_batch_norms_do_not_change_the_outputs()
    {
        StateDict given = WeightInitialization.Create(WithoutBatchNorms, seed: 3);
        var data = new RandomData(300);

        StateDict fitted = Fit(given, data);

        float[] expected = Run(WithoutBatchNorms, given, data), actual = Run(WithBatchNorms, fitted, data);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.NotEqual(1, fitted["two.norm.weight"].Values.Span[0], 0.05f);
    }

    [Fact]
    public void Running_statistics_are_those_of_the_images()
    {
        var given = new StateDict(WeightInitialization.Create(WithoutBatchNorms, seed: 3).Select(pair => pair.Key switch
        {
            // The first channel is 2 * x - 1 of the first input channel, and the second channel is constant.
            "one.weight" => new(pair.Key, new WeightTensor([3, 2, 1, 1], new float[] { 2, 0, 0, 0, 1, 1 })),
            "one.bias" => new(pair.Key, new WeightTensor([3], new float[] { -1, 7, 0 })),
            _ => pair,
        }));
        var data = new RandomData(40);
        double[] first = [.. Enumerable.Range(0, 40).SelectMany(sample => data.Input(sample)[..20])];
        double mean = first.Average(), variance = first.Average(value => (value - mean) * (value - mean));

        StateDict fitted = Fit(given, data);

        Assert.Equal((2 * mean) - 1, fitted["one.norm.running_mean"].Values.Span[0], 1e-4);
        Assert.Equal(4 * variance, fitted["one.norm.running_var"].Values.Span[0], 1e-4);
        Assert.Equal(7, fitted["one.norm.bias"].Values.Span[1], 1e-4f);
        Assert.Equal(0, fitted["one.norm.running_var"].Values.Span[1], 1e-6f);
        Assert.True(float.IsFinite(fitted["one.norm.weight"].Values.Span[1]));
    }

    [Fact]
    public void Batch_norms_in_the_given_weights_do_not_change()
    {
        StateDict given = WeightInitialization.Create(WithBatchNorms, seed: 4);

        StateDict fitted = BatchNormFitting.Fit(
            WithBatchNorms, given, given, new RandomData(3), 0, new ManagedBackend(), CancellationToken.None);

        Assert.Same(given, fitted);
    }

    [Fact]
    public void Weights_with_an_incomplete_batch_norm_throw()
    {
        StateDict whole = WeightInitialization.Create(WithBatchNorms, seed: 4);
        var broken = new StateDict(whole.Where(pair => pair.Key != "one.norm.running_var"));

        Assert.Contains(
            "one.norm.running_var",
            Assert.Throws<ArgumentException>(() => WeightTransfer.Fit(WithBatchNorms, broken, whole)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fitting_can_be_canceled()
        => Assert.Throws<OperationCanceledException>(() => BatchNormFitting.Fit(
            WithBatchNorms,
            WeightInitialization.Create(WithoutBatchNorms, 1),
            WeightInitialization.Create(WithBatchNorms, 1),
            new RandomData(3),
            0,
            new ManagedBackend(),
            new CancellationToken(canceled: true)));

    private static StateDict Fit(StateDict given, RandomData data)
        => BatchNormFitting.Fit(
            WithBatchNorms,
            given,
            WeightTransfer.Fit(WithBatchNorms, given, WeightInitialization.Create(WithBatchNorms, seed: 8)),
            data,
            0,
            new ManagedBackend(),
            CancellationToken.None);

    private static float[] Run(Network network, StateDict weights, RandomData data)
    {
        using IInferenceSession session = new ManagedBackend().CreateInferenceSession(network, weights, ["pool"]);
        float[] output = new float[10 * 4];
        session.Run(Enumerable.Range(0, 10).SelectMany(data.Input).Select(value => (float)value).ToArray(), 10, [output]);
        return output;
    }

    private sealed class RandomData(int count) : ITrainingData
    {
        public int Count => count;

        public Shape InputShape => WithoutBatchNorms.InputShape;

        public Shape TargetShape => new(4, 1, 1);

        public string Fingerprint => "random";

        public double[] Input(int sample)
        {
            var random = new Random(sample);
            return [.. Enumerable.Range(0, InputShape.Length).Select(_ => (double)(float)((random.NextDouble() * 3) - 1))];
        }

        public void Read(ReadOnlySpan<int> samples, int seed, int epoch, Span<float> inputs, Span<float> targets)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                Array.ConvertAll(Input(samples[i]), value => (float)value).CopyTo(inputs[(i * InputShape.Length)..]);
            }
        }
    }
}
