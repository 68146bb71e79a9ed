namespace SimNet.Compute.Tests;

public sealed class DropoutTests
{
    private static readonly Network Two = new("two", new Shape(5, 40, 41),
    [
        new Conv2d("conv", 8, 1), new Dropout("a") { Rate = 0.3f }, new Dropout("b") { Rate = 0.3f, Inputs = ["conv"] },
        new Concat("both") { Inputs = ["a", "b"] },
    ]);

    [Fact]
    public void Values_are_dropped_at_the_given_rate_and_the_rest_is_scaled_up()
    {
        foreach (float rate in new[] { 0, 0.1f, 0.5f, 0.9f, 0.999f })
        {
            var network = new Network("one", new Shape(3, 100, 100), [new Conv2d("conv", 3, 1), new Dropout("drop") { Rate = rate }]);
            float[] values = Step(network, 2, seed: 1, steps: 1)[^1];
            int dropped = values.Count(v => v == 0);
            double expected = rate * (double)values.Length;
            Assert.InRange(dropped, expected - 5 * Math.Sqrt(expected + 1), expected + 5 * Math.Sqrt(expected + 1));
            Assert.All(values.Where(v => v != 0), v => Assert.Equal(1 / (1 - (double)rate), v, 1e-6 / (1 - rate)));
        }
    }

    [Fact]
    public void Each_step_sample_layer_and_seed_has_an_independent_mask()
    {
        float[][] steps = Step(Two, 3, seed: 1, steps: 2);
        int half = Two.OutputShape.Length / 2;
        float[][] masks =
        [
            .. steps.Append(Step(Two, 3, seed: 2, steps: 1)[0])
                .SelectMany(output => Enumerable.Range(0, 6).Select(i => output[(i * half)..((i + 1) * half)])),
        ];
        for (int i = 0; i < masks.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                // Two independent masks with rate 0.3 have 9 % of the dropped values in common.
                double both = masks[i].Zip(masks[j], (x, y) => x == 0 && y == 0 ? 1 : 0).Average();
                Assert.InRange(both, 0.09 - 5 * Math.Sqrt(0.09 * 0.91 / half), 0.09 + 5 * Math.Sqrt(0.09 * 0.91 / half));
            }
        }
    }

    [Fact]
    public void Masks_are_the_same_at_any_thread_count_and_after_resuming()
    {
        float[][] one = Step(Two, 37, seed: 3, steps: 3, threads: 1), three = Step(Two, 37, seed: 3, steps: 3, threads: 3);
        Assert.Equal(one, three);
        Assert.Equal(one[2], Step(Two, 37, seed: 3, steps: 3, resumeBefore: 2)[2]);
    }

    [Fact]
    public void Inference_and_evaluation_do_not_drop_values()
    {
        Network with = new(
            "with",
            new Shape(2, 6, 6),
            [new Dropout("start"), new Conv2d("conv", 4, 3), new Relu("relu"), new Dropout("drop"), new MaxPool2d("pool", 2)]);
        Network without = new("without", new Shape(2, 6, 6), [new Conv2d("conv", 4, 3), new Relu("relu"), new MaxPool2d("pool", 2)]);
        StateDict weights = NetworkData.Weights(with, 1);
        float[] input = NetworkData.Normal(2 * with.InputShape.Length, 1);
        float[] expected = Infer(without, ["pool"])[0];

        Assert.Equal(expected, Infer(with, ["pool"])[0]);
        Assert.Equal(expected, Infer(with, ["relu", "drop", "pool"])[2]);
        Assert.Equal(Infer(without, ["relu"])[0], Infer(with, ["drop"])[0]);
        Assert.Equal(input, Infer(with, ["start"])[0]);
        float[] evaluated = new float[expected.Length];
        using ITrainingSession session = new ManagedBackend().CreateTrainingSession(with, weights, new TrainingSessionOptions());
        session.Evaluate(input, new float[expected.Length], 2, evaluated);
        Assert.Equal(expected, evaluated);

        float[][] Infer(Network network, string[] outputs)
        {
            using IInferenceSession inference = new ManagedBackend().CreateInferenceSession(network, weights, outputs);
            float[][] results = [.. inference.OutputShapes.Select(s => new float[2 * s.Length])];
            inference.Run(input, 2, [.. results.Select(r => r.AsMemory())]);
            return results;
        }
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1)]
    [InlineData(float.NaN)]
    public void Rate_outside_zero_to_one_is_rejected(float rate)
        => Assert.Contains(
            "'drop'",
            Assert.Throws<ArgumentException>(() => new Dropout("drop") { Rate = rate }.InferShape([new Shape(1, 1, 1)])).Message,
            StringComparison.Ordinal);

    /// <summary>The outputs of each step, where all inputs of the dropout layers are 1.</summary>
    private static float[][] Step(Network network, int count, int seed, int steps, int threads = 2, int resumeBefore = -1)
    {
        var weights = new StateDict(network.Parameters.Select(p => KeyValuePair.Create(
            p.Name, new WeightTensor(p.Dimensions, Enumerable.Repeat(p.Dimensions.Length == 1 ? 1f : 0f, p.Count).ToArray()))));
        var outputs = new List<float[]>();
        ITrainingSession session = Create();
        for (int step = 0; step < steps; step++)
        {
            if (step == resumeBefore)
            {
                ITrainingSession next = Create();
                next.Restore(session.ExportWeights(), session.ExportOptimizerState());
                session.Dispose();
                session = next;
            }

            float[] output = new float[count * network.OutputShape.Length];
            session.TrainStep(new float[count * network.InputShape.Length], new float[output.Length], count, 0, output);
            outputs.Add(output);
        }

        session.Dispose();
        return [.. outputs];

        ITrainingSession Create() => new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads }).CreateTrainingSession(
            network, weights, new TrainingSessionOptions { Seed = seed });
    }
}
