using FsCheck;
using FsCheck.Fluent;
using SimNet.Models;

namespace SimNet.Conformance;

/// <summary>
/// Training tests that every back end must pass: after steps from the same weights on the same samples, losses, outputs, weights and
/// optimizer state match those of <see cref="Reference"/> within tolerances. A step of plain gradient descent exposes the gradients.
/// </summary>
public abstract class TrainingConformanceTests
{
    private static readonly Sgd Plain = new() { Momentum = 0 };

    public static TheoryData<string> Losses { get; } =
    [
        "mean squared error", "binary cross-entropy", "cross-entropy", "cross-entropy, smoothed", "cross-entropy, weighted",
    ];

    public static TheoryData<string> Optimizers { get; } =
    [
        "SGD", "SGD, momentum", "SGD, momentum, decay", "SGD, decay decoupled", "Adam", "Adam, other moments", "Adam, decay",
        "Adam, decay decoupled", "Adam, kernels only",
    ];

    protected abstract ITrainingBackend Backend { get; }

    protected virtual ITrainingBackend Reference { get; } = new ManagedBackend();

    /// <summary>
    /// The largest allowed difference of a gradient, relative to the largest value of the tensor's gradient or a hundredth, whichever is
    /// larger.
    /// </summary>
    protected virtual double GradientTolerance => 1e-3;

    [SkippableTheory]
    [MemberData(nameof(LayerCases.Names), MemberType = typeof(LayerCases))]
    public void Gradients_of_every_layer_match_the_reference(string name)
    {
        // A preceding convolution exposes the gradient of the layer's input.
        Network inner = LayerCases.Get(name);
        CompareGradients(Before(inner), new TrainingSessionOptions { Optimizer = Plain, Seed = 5 }, seed: 11);
    }

    [SkippableFact]
    public void Gradients_of_random_networks_match_the_reference()
    {
        _ = Backend;
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
            CompareGradients(
                Before(RandomNetworks.Create(seed)),
                new TrainingSessionOptions { Optimizer = Plain },
                seed,
                random: true)).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [SkippableTheory]
    [MemberData(nameof(Losses))]
    public void Every_loss_matches_the_reference(string name)
    {
        Loss loss = name switch
        {
            "mean squared error" => Loss.MeanSquaredError,
            "binary cross-entropy" => Loss.BinaryCrossEntropy,
            "cross-entropy" => Loss.CrossEntropy,
            "cross-entropy, smoothed" => new CrossEntropy { LabelSmoothing = 0.2f },
            _ => new CrossEntropy { LabelSmoothing = 0.1f, ClassWeights = [0.5f, 2, 0, 1, 1.5f, 1] },
        };
        CompareGradients(Classifier(loss is BinaryCrossEntropy), new TrainingSessionOptions { Loss = loss, Optimizer = Plain }, seed: 21);
    }

    [SkippableTheory]
    [MemberData(nameof(Optimizers))]
    public void Every_optimizer_matches_the_reference(string name)
    {
        Optimizer optimizer = name switch
        {
            "SGD" => Plain,
            "SGD, momentum" => new Sgd(),
            "SGD, momentum, decay" => new Sgd { WeightDecay = 0.1f },
            "SGD, decay decoupled" => new Sgd { WeightDecay = 0.5f, DecoupledWeightDecay = true },
            "Adam" => new Adam(),
            "Adam, other moments" => new Adam { Beta1 = 0.5f, Beta2 = 0.9f, Epsilon = 1e-3f },
            "Adam, decay" => new Adam { WeightDecay = 0.1f },
            "Adam, decay decoupled" => new Adam { WeightDecay = 0.5f, DecoupledWeightDecay = true },
            _ => new Adam { WeightDecay = 0.5f, DecoupledWeightDecay = true, DecayKernelsOnly = true },
        };
        CompareRuns(
            Classifier(false), new TrainingSessionOptions { Loss = Loss.CrossEntropy, Optimizer = optimizer }, rate: 0.01f, steps: 5);
    }

    [SkippableFact]
    public void Frozen_layers_kept_zeros_and_gradient_clipping_match_the_reference()
    {
        Network network = Classifier(false);
        CompareRuns(
            network, new TrainingSessionOptions { Loss = Loss.CrossEntropy, FrozenLayers = ["a", "a.norm"] }, rate: 0.01f, steps: 3);
        CompareRuns(network, new TrainingSessionOptions { Loss = Loss.CrossEntropy, KeepZeros = true }, rate: 0.01f, steps: 3, zeros: true);
        CompareRuns(
            network,
            new TrainingSessionOptions { Loss = Loss.CrossEntropy, Optimizer = Plain, MaxGradientNorm = 0.05f },
            rate: 0.5f,
            steps: 3);
    }

    [SkippableFact]
    public void Dropout_drops_the_same_values_as_the_reference()
    {
        var network = new Network(
            "dropout", new Shape(3, 6, 6), [new Conv2d("a", 8, 3), new Dropout("d") { Rate = 0.3f }, new Conv2d("b", 4, 4)]);
        CompareRuns(network, new TrainingSessionOptions { Optimizer = Plain, Seed = 9 }, rate: 0.1f, steps: 3);
    }

    [SkippableFact]
    public void Training_can_switch_to_another_back_end()
    {
        Network network = Classifier(false);
        var options = new TrainingSessionOptions { Loss = Loss.CrossEntropy };
        StateDict weights = RandomNetworks.Weights(network, 31);
        using ITrainingSession whole = Reference.CreateTrainingSession(network, weights, options);
        Steps(whole, network, 0.01f, 0, 6);
        foreach ((ITrainingBackend first, ITrainingBackend second) in new[] { (Reference, Backend), (Backend, Reference) })
        {
            using ITrainingSession before = first.CreateTrainingSession(network, weights, options);
            using ITrainingSession after = second.CreateTrainingSession(network, weights, options);
            Steps(before, network, 0.01f, 0, 3);
            after.Restore(before.ExportWeights(), before.ExportOptimizerState());
            AssertEqual(before.ExportWeights(), after.ExportWeights());
            AssertEqual(before.ExportOptimizerState(), after.ExportOptimizerState());
            Steps(after, network, 0.01f, 3, 6);
            AssertClose(whole.ExportWeights(), after.ExportWeights(), weights, $"{first.Name} to {second.Name}");
        }
    }

    [SkippableFact]
    public void Canceled_step_has_no_effect()
    {
        Network network = Classifier(false);
        using ITrainingSession session = Backend.CreateTrainingSession(
            network, RandomNetworks.Weights(network, 41), new TrainingSessionOptions { Loss = Loss.CrossEntropy });
        Steps(session, network, 0.01f, 0, 2);
        StateDict weights = session.ExportWeights(), state = session.ExportOptimizerState();
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();
        (float[] input, float[] target) = Batch(network, 7, Loss.CrossEntropy);
        Assert.ThrowsAny<OperationCanceledException>(() => session.TrainStep(input, target, 7, 0.01f, cancellationToken: canceled.Token));
        AssertEqual(weights, session.ExportWeights());
        AssertEqual(state, session.ExportOptimizerState());
    }

    [SkippableFact]
    public void Evaluation_matches_the_reference_and_changes_nothing()
    {
        Network network = Classifier(false);
        var options = new TrainingSessionOptions { Loss = Loss.CrossEntropy };
        StateDict weights = RandomNetworks.Weights(network, 51);
        using ITrainingSession session = Backend.CreateTrainingSession(network, weights, options);
        using ITrainingSession reference = Reference.CreateTrainingSession(network, weights, options);
        (float[] input, float[] target) = Batch(network, 5, Loss.CrossEntropy);
        float[] actual = new float[5 * 6], expected = new float[5 * 6];
        Assert.Equal(reference.Evaluate(input, target, 5, expected), session.Evaluate(input, target, 5, actual), 1e-4f);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        AssertEqual(weights, session.ExportWeights());
    }

    /// <summary>There is no bias before a norm: its gradient is 0 up to rounding, which Adam would normalize to full steps.</summary>
    private static Network Classifier(bool probabilities) => new("classifier", new Shape(3, 9, 8),
    [
        new Conv2d("a", 8, 3) { HasBias = false, Padding = 1 }, new BatchNorm2d("a.norm"), new LeakyRelu("a.relu"),
        new MaxPool2d("a.pool", 2),
        new Conv2d("b", 6, 3) { HasBias = false, Padding = 1 }, new BatchNorm2d("b.norm"), new Silu("b.silu"), new Conv2d("c", 6, 1),
        new GlobalAveragePool2d("logits"),
        .. probabilities ? (Layer[])[new Sigmoid("probabilities")] : [],
    ]);

    private static Network Before(Network inner)
    {
        int channels = inner.InputShape.Channels;
        string Renamed(string source) => source == Network.InputName ? "before" : source;
        IEnumerable<Layer> layers = inner.Layers.Select(layer => layer with { Inputs = [.. layer.Inputs.Select(Renamed)] });
        return new Network(inner.Name, inner.InputShape, [new Conv2d("before", channels, 1), .. layers]);
    }

    private static (float[] Input, float[] Target) Batch(Network network, int count, Loss loss, int seed = 0)
    {
        float[] input = RandomNetworks.Samples(network.InputShape, count, 100 + seed);
        float[] target = RandomNetworks.Samples(network.OutputShape, count, 200 + seed);
        if (loss is BinaryCrossEntropy)
        {
            target = [.. target.Select(value => (value + 2) / 4)];
        }
        else if (loss is CrossEntropy)
        {
            int classes = network.OutputShape.Channels;
            target =
            [
                .. Enumerable.Range(0, count).SelectMany(
                    i => Enumerable.Range(0, classes).Select(c => c == (i + seed) % classes ? 0.75f : c == (i * 2) % classes ? 0.25f : 0)),
            ];
        }

        return (input, target);
    }

    private static void Steps(ITrainingSession session, Network network, float rate, int first, int end)
    {
        for (int step = first; step < end; step++)
        {
            (float[] input, float[] target) = Batch(network, 7, Loss.CrossEntropy, step);
            session.TrainStep(input, target, 7, rate);
        }
    }

    /// <summary>
    /// Compares gradients by a step of plain gradient descent with learning rate 1, which subtracts them. A random network may amplify
    /// rounding (a norm over three nearly equal values, a value at the kink of an activation, a gradient that cancels out). The tolerance
    /// therefore includes the change of the reference for a relative change of 1e-6 of the input, and a tensor that moves little is
    /// compared relative to a third of the largest move.
    /// </summary>
    private void CompareGradients(Network network, TrainingSessionOptions options, int seed, bool random = false)
    {
        const int Count = 3;
        StateDict weights = RandomNetworks.Weights(network, seed);
        (float[] input, float[] target) = Batch(network, Count, options.Loss, seed);
        using ITrainingSession session = Backend.CreateTrainingSession(network, weights, options);
        using ITrainingSession reference = Reference.CreateTrainingSession(network, weights, options);
        float[] expectedOutput = new float[Count * network.OutputShape.Length], output = new float[Count * network.OutputShape.Length];
        float expected = reference.TrainStep(input, target, Count, 1, expectedOutput);
        float loss = session.TrainStep(input, target, Count, 1, output);
        Assert.True(
            Math.Abs(expected - loss) <= 1e-4 * Math.Max(1, Math.Abs(expected)), $"{network.Name}: loss {loss:R}; expected {expected:R}");
        double largest = Math.Max(1, expectedOutput.Max(value => Math.Abs((double)value)));
        Assert.All(
            expectedOutput.Zip(output),
            pair => Assert.True(
                Math.Abs((double)pair.First - pair.Second) <= 1e-4 * largest,
                $"{network.Name}: output {pair.Second:R}; expected {pair.First:R}"));
        using ITrainingSession? moved = random ? Reference.CreateTrainingSession(network, weights, options) : null;
        moved?.TrainStep(input.Select((value, i) => value * (i % 2 == 0 ? 1 + 1e-6f : 1 - 1e-6f)).ToArray(), target, Count, 1);
        AssertClose(reference.ExportWeights(), session.ExportWeights(), weights, network.Name, moved?.ExportWeights());
    }

    private void CompareRuns(Network network, TrainingSessionOptions options, float rate, int steps, bool zeros = false)
    {
        StateDict weights = RandomNetworks.Weights(network, 61);
        if (zeros)
        {
            weights = new StateDict(weights.Select(pair => KeyValuePair.Create(pair.Key, WithZeros(pair.Value))));
        }

        using ITrainingSession session = Backend.CreateTrainingSession(network, weights, options);
        using ITrainingSession reference = Reference.CreateTrainingSession(network, weights, options);
        for (int step = 0; step < steps; step++)
        {
            (float[] input, float[] target) = Batch(network, 7, options.Loss, step);
            float expected = reference.TrainStep(input, target, 7, rate), loss = session.TrainStep(input, target, 7, rate);
            Assert.True(
                Math.Abs(expected - loss) <= 1e-3 * Math.Max(1, Math.Abs(expected)), $"step {step}: loss {loss:R}; expected {expected:R}");
        }

        AssertClose(reference.ExportWeights(), session.ExportWeights(), weights, options.ToString());
        Assert.Equal(reference.ExportOptimizerState().Keys, session.ExportOptimizerState().Keys);

        static WeightTensor WithZeros(WeightTensor tensor) => tensor.Dimensions.Length != 4
            ? tensor
            : new WeightTensor(tensor.Dimensions, tensor.Values.ToArray().Select((value, i) => i % 3 == 0 ? 0 : value).ToArray());
    }

    /// <summary>
    /// Compares moves of the weights, relative to the move of the tensor or a hundredth of the largest move, whichever is larger: a
    /// gradient that cancels out is only rounding.
    /// </summary>
    private void AssertClose(StateDict expected, StateDict actual, StateDict before, string what, StateDict? rounded = null)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        double farthest = expected.Select(pair => LargestMove(before, pair.Key)).DefaultIfEmpty().Max();
        foreach ((string name, WeightTensor tensor) in expected)
        {
            float[] from = before[name].Values.ToArray(), to = tensor.Values.ToArray(), got = actual[name].Values.ToArray();
            double moved = LargestMove(before, name);
            double allowed = (GradientTolerance * Math.Max(moved, (rounded is null ? 0.01 : 0.3) * Math.Max(1, farthest)))
                + (1e-6 * to.Select(value => Math.Abs((double)value)).DefaultIfEmpty().Max());
            allowed += rounded is null ? 0 : 3 * LargestMove(rounded, name);
            for (int i = 0; i < to.Length; i++)
            {
                Assert.True(
                    Math.Abs((double)to[i] - got[i]) <= allowed,
                    $"{what}: {name}[{i}] is {got[i]:R}; expected {to[i]:R}, from {from[i]:R} (largest move {moved:R})");
            }
        }

        double LargestMove(StateDict start, string name) => start[name].Values.ToArray()
            .Zip(expected[name].Values.ToArray(), (from, to) => Math.Abs((double)from - to))
            .DefaultIfEmpty()
            .Max();
    }

    private static void AssertEqual(StateDict expected, StateDict actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, pair => Assert.Equal(pair.Value.Values.ToArray(), actual[pair.Key].Values.ToArray()));
    }
}
