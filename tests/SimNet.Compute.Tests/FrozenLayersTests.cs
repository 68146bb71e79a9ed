namespace SimNet.Compute.Tests;

public sealed class FrozenLayersTests
{
    private static readonly Network ESimNet = SqueezeNet.CreateESimNet(3, 32);

    [Fact]
    public void Training_changes_all_parameters_except_those_of_frozen_layers()
    {
        string[] frozen = ["features.0", "features.3", "features.12.expand1x1"];
        StateDict before = NetworkData.Weights(ESimNet, 1);
        using ITrainingSession session = Create(before, frozen);
        Step(session);
        StateDict after = session.ExportWeights();

        string[] kept = [.. before.Keys.Where(name => before.Values(name).SequenceEqual(after.Values(name)))];
        Assert.Equal(before.Keys.Where(name => frozen.Any(f => name.StartsWith($"{f}.", StringComparison.Ordinal))), kept);
        Assert.Contains("features.0.norm.running_mean", kept);
        Assert.DoesNotContain(session.ExportOptimizerState().Keys, name => name.StartsWith("features.3.", StringComparison.Ordinal));
    }

    [Fact]
    public void Backward_pass_stops_at_the_first_trained_layer()
    {
        bool[] frozen = new TrainingSessionOptions { FrozenLayers = ["features"] }.FindFrozenLayers(ESimNet);
        var operators = new OperatorSet(
            ESimNet,
            KernelSet.Create(VectorWidth.Auto),
            new ParameterTable(ESimNet, NetworkData.Weights(ESimNet, 1)),
            [ESimNet.Layers.Length - 1],
            training: true,
            frozen);

        Assert.Equal(["classifier.1", "classifier.3"], ESimNet.Layers.Where((_, i) => operators.NeedsGradient(i)).Select(l => l.Name));
        Assert.Equal(["classifier.1"], ESimNet.Layers.Where((_, i) => operators.IsTrained(i)).Select(l => l.Name));
    }

    [Fact]
    public void Frozen_norms_give_the_same_outputs_in_training_as_in_inference()
    {
        // Dropout still applies in training; a rate of 0 turns it off here.
        var network = new Network(
            "x",
            new Shape(2, 6, 6),
            [new Conv2d("a", 4, 3), new BatchNorm2d("a.norm"), new Relu("relu"), new Dropout("drop") { Rate = 0 }, new Conv2d("b", 3, 1)]);
        StateDict weights = NetworkData.Weights(network, 2);
        float[] input = NetworkData.Normal(network.InputShape.Length, 1);
        float[] trained = new float[network.OutputShape.Length];
        float[] inferred = new float[trained.Length];
        using ITrainingSession session = new ManagedBackend()
            .CreateTrainingSession(network, weights, new TrainingSessionOptions { FrozenLayers = ["a"] });
        session.TrainStep(input, new float[trained.Length], 1, 0.1f, trained);
        using IInferenceSession inference = new ManagedBackend().CreateInferenceSession(network, weights, ["b"]);
        inference.Run(input, 1, [inferred]);

        Assert.InRange(NetworkData.Distance(NetworkData.ToDouble(inferred), NetworkData.ToDouble(trained)), 0, 1e-5);
    }

    [Fact]
    public void Frozen_norm_uses_restored_statistics()
    {
        var network = new Network("x", new Shape(2, 3, 3), [new BatchNorm2d("norm"), new Conv2d("conv", 2, 1)]);
        float[] input = NetworkData.Normal(2 * 18, 1), fresh = new float[2 * 18], restored = new float[2 * 18];
        StateDict one = NetworkData.Weights(network, 1), two = NetworkData.Weights(network, 2);
        using ITrainingSession first = Frozen(one), second = Frozen(two);
        first.Restore(two, second.ExportOptimizerState());
        first.TrainStep(input, new float[36], 2, 0.1f, restored);
        second.TrainStep(input, new float[36], 2, 0.1f, fresh);

        Assert.Equal(fresh, restored);

        ITrainingSession Frozen(StateDict weights)
            => new ManagedBackend().CreateTrainingSession(network, weights, new TrainingSessionOptions { FrozenLayers = ["norm"] });
    }

    [Theory]
    [InlineData("features.1", "'features.1'")]
    [InlineData("feature", "'feature'")]
    [InlineData("classifier.0", "'classifier.0'")]
    [InlineData("features classifier", "all parameters")]
    public void Names_that_freeze_nothing_or_everything_are_rejected(string names, string named)
    {
        var exception = Assert.Throws<ArgumentException>(() => Create(NetworkData.Weights(ESimNet, 1), names.Split(' ')));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.Equal("options", exception.ParamName);
    }

    private static ITrainingSession Create(StateDict weights, string[] frozen) => new ManagedBackend().CreateTrainingSession(
        ESimNet, weights, new TrainingSessionOptions { Loss = Loss.CrossEntropy, FrozenLayers = [.. frozen] });

    private static void Step(ITrainingSession session) => session.TrainStep(
        NetworkData.Normal(4 * session.InputShape.Length, 1), new float[] { 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0 }, 4, 0.01f);
}
