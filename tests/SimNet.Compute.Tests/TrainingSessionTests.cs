namespace SimNet.Compute.Tests;

public sealed class TrainingSessionTests
{
    private static readonly Network Fire = new("fire", new Shape(3, 9, 8),
    [
        new Conv2d("squeeze", 5, 1), new BatchNorm2d("norm"), new LeakyRelu("act"),
        new Conv2d("left", 6, 1), new Relu("left.act"), new Conv2d("right", 17, 3) { Padding = 1, Inputs = ["act"] }, new Relu("right.act"),
        new Concat("cat") { Inputs = ["left.act", "right.act", "act"] }, new MaxPool2d("pool", 3) { Stride = 2 },
        new Conv2d("out", 2, 2) { Stride = 2 }, new Sigmoid("sigmoid"),
    ]);

    [Fact]
    public void Training_is_bitwise_identical_at_any_thread_count()
    {
        // Seventy samples give groups of two or three samples.
        foreach (int count in new[] { 1, 5, 70 })
        {
            StateDict[] results = [.. new[] { 1, 2, 3 }.Select(threads => Train(Fire, threads, [count, count, count, count]))];
            AssertSame(results[0], results[1]);
            AssertSame(results[0], results[2]);
        }
    }

    [Fact]
    public void Training_the_autoencoder_is_bitwise_identical_at_any_thread_count()
    {
        Network network = DenoisingAutoencoder.Create(size: 16);
        AssertSame(Train(network, 1, [33, 33, 33]), Train(network, 2, [33, 33, 33]));
    }

    [Fact]
    public void Batches_of_other_sizes_do_not_affect_later_steps()
    {
        using ITrainingSession grown = Create(Fire, 2);
        Step(grown, 3, 1);
        StateDict weights = grown.ExportWeights();
        StateDict state = grown.ExportOptimizerState();
        Step(grown, 40, 2);
        Step(grown, 2, 3);
        grown.Restore(weights, state);
        Step(grown, 7, 4);

        using ITrainingSession fresh = Create(Fire, 2);
        Step(fresh, 3, 1);
        Step(fresh, 7, 4);
        AssertSame(fresh.ExportWeights(), grown.ExportWeights());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restored_session_continues_as_the_original_would(bool adam)
    {
        Optimizer optimizer = adam ? new Adam { WeightDecay = 0.01f } : new Sgd();
        using ITrainingSession first = Create(Fire, 1, optimizer);
        Step(first, 4, 1);
        Step(first, 4, 2);
        using ITrainingSession second = Create(Fire, 1, optimizer, seed: 99);
        second.Restore(ThroughFile(first.ExportWeights()), ThroughFile(first.ExportOptimizerState()));
        Assert.Equal(Step(first, 4, 3), Step(second, 4, 3));
        AssertSame(first.ExportWeights(), second.ExportWeights());
        AssertSame(first.ExportOptimizerState(), second.ExportOptimizerState());
    }

    [Fact]
    public void Steps_reduce_the_loss_and_evaluation_changes_nothing()
    {
        using ITrainingSession session = Create(Fire, 2, new Adam());
        float first = Step(session, 8, 1);
        StateDict before = session.ExportWeights();
        float evaluated = session.Evaluate(NetworkData.Normal(8 * 216, 1), NetworkData.Uniform(8 * session.OutputShape.Length, 1), 8);
        Assert.True(evaluated > 0);
        AssertSame(before, session.ExportWeights());
        float last = 0;
        for (int i = 0; i < 60; i++)
        {
            last = Step(session, 8, 1, rate: 0.03f);
        }

        Assert.True(last < 0.5f * first, $"loss {first} became {last}");
    }

    [Fact]
    public void Imported_and_exported_weights_are_copies()
    {
        StateDict weights = NetworkData.Weights(Fire, 1);
        float[] before = weights["out.weight"].Values.ToArray();
        using ITrainingSession session = new ManagedBackend().CreateTrainingSession(Fire, weights, new TrainingSessionOptions());
        StateDict taken = session.ExportWeights();
        Step(session, 3, 1);
        Assert.Equal(before, weights["out.weight"].Values.ToArray());
        Assert.Equal(before, taken["out.weight"].Values.ToArray());
        Assert.NotEqual(before, session.ExportWeights()["out.weight"].Values.ToArray());
    }

    [Fact]
    public void Warm_step_allocates_almost_nothing()
    {
        foreach (int threads in new[] { 1, 2 })
        {
            using ITrainingSession session = Create(Fire, threads);
            float[] input = NetworkData.Normal(16 * session.InputShape.Length, 1);
            float[] target = NetworkData.Uniform(16 * session.OutputShape.Length, 1);
            for (int i = 0; i < 3; i++)
            {
                session.TrainStep(input, target, 16, 1e-3f);
            }

            // Counts this thread only, since other tests run concurrently. A parallel loop allocates objects to start its threads. The
            // runtime may allocate occasionally, for example when it recompiles a loop; a step that allocates does so in every round.
            long each = long.MaxValue;
            for (int round = 0; round < 10 && each > 0; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 10; i++)
                {
                    session.TrainStep(input, target, 16, 1e-3f);
                }

                each = Math.Min(each, (GC.GetAllocatedBytesForCurrentThread() - before) / 10);
            }

            Assert.True(each <= (threads == 1 ? 0 : 16 * 1024), $"{each} bytes in a step with {threads} threads");
        }
    }

    [Fact]
    public void Batch_norm_over_a_single_value_is_rejected_by_name()
    {
        var network = new Network("one", new Shape(1, 2, 2), [new Conv2d("conv", 3, 2), new BatchNorm2d("lonely")]);
        using ITrainingSession session = Create(network, 1);
        var e = Assert.ThrowsAny<ArgumentException>(() => Step(session, 1, 1));
        Assert.Contains("lonely", e.Message, StringComparison.Ordinal);
        Step(session, 2, 1);
    }

    [Fact]
    public void Buffers_of_wrong_length_and_invalid_rates_are_rejected_by_name()
    {
        using ITrainingSession session = Create(Fire, 1);
        var input = new float[2 * session.InputShape.Length];
        var target = new float[2 * session.OutputShape.Length];
        Assert.Equal("input", Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(input.AsMemory(1), target, 2, 0.1f)).ParamName);
        Assert.Equal("target", Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(input, target.AsMemory(1), 2, 0.1f)).ParamName);
        Assert.Equal(
            "output", Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(input, target, 2, 0.1f, new float[1])).ParamName);
        Assert.Equal("count", Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(input, target, 0, 0.1f)).ParamName);
        Assert.Equal("input", Assert.ThrowsAny<ArgumentException>(() => session.Evaluate(input, target, 1)).ParamName);
        foreach (float rate in new[] { float.NaN, float.PositiveInfinity, -0.1f })
        {
            Assert.Equal("learningRate", Assert.ThrowsAny<ArgumentException>(() => session.TrainStep(input, target, 2, rate)).ParamName);
        }

        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.TrainStep(input, target, 2, 0.1f));
    }

    [Fact]
    public void State_that_does_not_fit_is_rejected_and_changes_nothing()
    {
        using ITrainingSession session = Create(Fire, 1);
        Step(session, 2, 1);
        StateDict weights = session.ExportWeights();
        StateDict state = session.ExportOptimizerState();
        AssertRefused(Without(weights, "norm.running_var"), state, "norm.running_var");
        AssertRefused(With(weights, "stray"), state, "stray");
        AssertRefused(With(weights, "left.weight"), state, "left.weight");
        AssertRefused(weights, Without(state, "step"), "step");
        AssertRefused(weights, Without(state, "left.bias.exp_avg"), "left.bias.exp_avg");
        AssertRefused(weights, With(state, "left.bias.exp_avg_sq"), "left.bias.exp_avg_sq");
        AssertRefused(weights, With(state, "momentum"), "momentum");
        AssertSame(weights, session.ExportWeights());
        AssertSame(state, session.ExportOptimizerState());

        void AssertRefused(StateDict w, StateDict s, string name)
            => Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(() => session.Restore(w, s)).Message, StringComparison.Ordinal);
        static StateDict Without(StateDict from, string name) => new(from.Where(t => t.Key != name));
        static StateDict With(StateDict from, string name)
            => new(from.Where(t => t.Key != name).Append(KeyValuePair.Create(name, new WeightTensor([2, 3], new float[6]))));
    }

    [Fact]
    public void Missing_and_misshapen_weights_and_bad_settings_are_rejected_by_name()
    {
        StateDict weights = NetworkData.Weights(Fire, 1);
        AssertRefused(new StateDict(weights.Where(w => w.Key != "right.bias")), new TrainingSessionOptions(), "right.bias");
        AssertRefused(
            new StateDict(
                weights.Select(w => w.Key == "right.bias" ? KeyValuePair.Create(w.Key, new WeightTensor([16], new float[16])) : w)),
            new TrainingSessionOptions(),
            "right.bias");
        AssertRefused(weights, new TrainingSessionOptions { Loss = null! }, "Loss");
        AssertRefused(weights, new TrainingSessionOptions { Loss = Loss.CrossEntropy }, "Loss");
        AssertRefused(weights, new TrainingSessionOptions { Optimizer = new Adam { Beta1 = 1 } }, "Beta1");
        AssertRefused(weights, new TrainingSessionOptions { Optimizer = new Adam { Beta2 = float.NaN } }, "Beta2");
        AssertRefused(weights, new TrainingSessionOptions { Optimizer = new Adam { Epsilon = 0 } }, "Epsilon");
        AssertRefused(weights, new TrainingSessionOptions { Optimizer = new Sgd { Momentum = -0.1f } }, "Momentum");
        AssertRefused(weights, new TrainingSessionOptions { Optimizer = new Sgd { WeightDecay = -1 } }, "WeightDecay");
        Assert.ThrowsAny<ArgumentException>(() => new ManagedBackend(new ManagedBackendOptions { MaxThreads = -1 }));
        Assert.ThrowsAny<ArgumentException>(() => new ManagedBackend(new ManagedBackendOptions { VectorWidth = (VectorWidth)77 }));

        static void AssertRefused(StateDict weights, TrainingSessionOptions options, string name)
        {
            var refused = Assert.ThrowsAny<ArgumentException>(() => new ManagedBackend().CreateTrainingSession(Fire, weights, options));
            Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        }
    }

    private static StateDict ThroughFile(StateDict tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, tensors);
        stream.Position = 0;
        return SafetensorsFile.Read(stream).Tensors;
    }

    private static StateDict Train(Network network, int threads, int[] counts)
    {
        using ITrainingSession session = Create(network, threads);
        var losses = new List<float>();
        for (int i = 0; i < counts.Length; i++)
        {
            losses.Add(Step(session, counts[i], i));
        }

        losses.Add(session.Evaluate(
            NetworkData.Normal(counts[0] * session.InputShape.Length, 9), new float[counts[0] * session.OutputShape.Length], counts[0]));
        return new StateDict(
            session.ExportWeights().Append(KeyValuePair.Create("losses", new WeightTensor([losses.Count], losses.ToArray()))));
    }

    private static ITrainingSession Create(Network network, int threads, Optimizer? optimizer = null, int seed = 4)
        => new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads }).CreateTrainingSession(
            network, NetworkData.Weights(network, seed), new TrainingSessionOptions { Optimizer = optimizer ?? new Adam() });

    private static float Step(ITrainingSession session, int count, int seed, float rate = 0.01f) => session.TrainStep(
        NetworkData.Normal(count * session.InputShape.Length, seed),
        NetworkData.Uniform(count * session.OutputShape.Length, seed),
        count,
        rate);

    private static void AssertSame(StateDict expected, StateDict actual)
        => Assert.Null(StateDictComparison.FirstDifference(expected, actual));
}
