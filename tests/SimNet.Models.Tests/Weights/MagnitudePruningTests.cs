namespace SimNet.Models.Tests;

public class MagnitudePruningTests
{
    private static readonly Network Small = new(
        "small",
        new Shape(2, 4, 4),
        [new Conv2d("conv", 3, 2), new BatchNorm2d("norm"), new ConvTranspose2d("up", 2, 2), new Relu("relu")]);

    /// <summary>Compares with the parameters after pruning in table 1 of the SqueezeNet paper.</summary>
    [Fact]
    public void Pruning_shares_leave_the_421_098_parameters_of_the_paper()
    {
        Network network = SqueezeNet.Create(SqueezeNetVersion.V1_0);
        StateDict pruned = MagnitudePruning.Prune(
            network, WeightInitialization.Create(network, 1, WeightInitializer.HeNormal), SqueezeNet.PruningShares);
        (string Module, int Before, int After)[] table =
        [
            ("features.0", 14_208, 14_208), ("features.3", 11_920, 5_746), ("features.4", 12_432, 6_258),
            ("features.5", 45_344, 20_646), ("features.7", 49_440, 24_742), ("features.8", 104_880, 44_700),
            ("features.9", 111_024, 46_236), ("features.10", 188_992, 77_581), ("features.12", 197_184, 77_581),
            ("classifier.1", 513_000, 103_400),
        ];
        NetworkTable printed = network.ToTable(pruned);
        foreach ((string module, int before, int after) in table)
        {
            NetworkTableRow[] rows =
            [
                .. printed.Rows.Where(r => r.Name == module || r.Name.StartsWith(module + '.', StringComparison.Ordinal)),
            ];
            Assert.Equal((module, before, after), (module, rows.Sum(r => r.ParameterCount), rows.Sum(r => r.RemainingCount)!.Value));
        }

        Assert.Equal(1_248_424, printed.ParameterCount);
        Assert.Equal(421_098, printed.RemainingParameterCount);
        Assert.Contains("Remaining parameters: 421,098\n", printed.ToString(), StringComparison.Ordinal);
        Assert.Null(network.ToTable().RemainingParameterCount);
        Assert.DoesNotContain("Remaining", network.ToTable().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_weights_are_kept_and_the_rest_are_zero()
    {
        StateDict weights = NetworkData.Weights(Small, 3);
        foreach (double share in new[] { 0.01, 0.2, 0.33, 0.5, 0.99, 1 })
        {
            StateDict pruned = MagnitudePruning.Prune(Small, weights, new Dictionary<string, double> { ["conv"] = share, ["up"] = share });
            foreach (string name in new[] { "conv.weight", "up.weight" })
            {
                float[] before = weights.Values(name), after = pruned.Values(name);
                int kept = (int)Math.Ceiling(Math.Round(share * before.Length, 9));
                double least = before.Select(v => Math.Abs((double)v)).OrderDescending().ElementAt(kept - 1);
                Assert.Equal(before.Select(v => Math.Abs((double)v) >= least ? v : 0), after);
                Assert.Equal(kept, after.Count(v => v != 0));
            }

            Assert.All(weights.Where(t => t.Key is not ("conv.weight" or "up.weight")), t => Assert.Same(t.Value, pruned[t.Key]));
        }
    }

    [Fact]
    public void The_first_of_equal_magnitudes_are_kept()
    {
        float[] values = [1, -2, 2, -2, 2, 0.5f, -2, 3];
        Network network = new("ties", new Shape(8, 1, 1), [new Conv2d("conv", 1, 1)]);
        var weights = new StateDict(
            [new("conv.weight", new WeightTensor([1, 8, 1, 1], values)), new("conv.bias", new WeightTensor([1], new float[1]))]);

        Assert.Equal([0, -2, 2, 0, 0, 0, 0, 3], Pruned(0.375));
        Assert.Equal([0, -2, 2, -2, 0, 0, 0, 3], Pruned(0.4));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 3], Pruned(1e-9));
        Assert.Equal([1, -2, 2, -2, 2, 0, -2, 3], Pruned(0.875));
        Assert.Equal(1, values[0]);

        float[] Pruned(double share) => MagnitudePruning.Prune(
            network, weights, new Dictionary<string, double> { ["conv"] = share }).Values("conv.weight");
    }

    [Fact]
    public void Invalid_layers_shares_and_weights_throw_naming_them()
    {
        StateDict weights = NetworkData.Weights(Small, 1);
        Throws("'norm'", "norm", 0.5);
        Throws("'relu'", "relu", 0.5);
        Throws("'nowhere'", "nowhere", 0.5);
        Throws("'input'", "input", 0.5);
        foreach (double share in new[] { 0, -0.1, 1.1, double.NaN })
        {
            Throws("'conv'", "conv", share);
        }

        var incomplete = new StateDict(weights.Where(w => w.Key != "conv.bias"));
        var missing = Assert.Throws<ArgumentException>(() => MagnitudePruning.Prune(Small, incomplete, new Dictionary<string, double>()));
        Assert.Contains("conv.bias", missing.Message, StringComparison.Ordinal);

        void Throws(string named, string layer, double share)
        {
            var shares = new Dictionary<string, double> { [layer] = share };
            var exception = Assert.Throws<ArgumentException>(() => MagnitudePruning.Prune(Small, weights, shares));
            Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_pruned_network_is_fine_tuned_and_saved_sparse_without_loss()
    {
        using var folder = new TemporaryFolder();
        Network network = SqueezeNet.CreateESimNet(1000, 32);
        StateDict pruned = MagnitudePruning.Prune(
            network, WeightInitialization.Create(network, 2, WeightInitializer.HeNormal), SqueezeNet.PruningShares);
        float[] inputs = NetworkData.Normal(8 * network.InputShape.Length, 1), targets = new float[8 * 1000];
        for (int i = 0; i < 8; i++)
        {
            targets[i * 1000 + i] = 1;
        }

        TrainingResult tuned = await new Trainer(new ManagedBackend()).TrainAsync(
            network,
            new ArrayData(inputs, targets, network.InputShape, network.OutputShape),
            null,
            new TrainerOptions
            {
                Epochs = 3,
                BatchSize = 8,
                InitialWeights = pruned,
                KeepZeros = true,
                Loss = Loss.CrossEntropy,
                AverageDecay = 0.5f,
                Optimizer = new Adam { WeightDecay = 0.01f, DecoupledWeightDecay = true, DecayKernelsOnly = true },
            });
        foreach (ParameterInfo parameter in network.Parameters.Where(p => p.Dimensions.Length == 4))
        {
            float[] before = pruned.Values(parameter.Name), after = tuned.Weights.Values(parameter.Name);
            Assert.DoesNotContain(Enumerable.Range(0, before.Length), i => before[i] == 0 && after[i] != 0);
            Assert.True(before.Zip(after, (a, b) => a != b ? 1 : 0).Sum() > before.Count(v => v != 0) * 0.9, parameter.Name);
        }

        int normed = network.Layers.OfType<BatchNorm2d>().Sum(n => 4 * network.OutputShapes[network.IndexOf(n.Name)].Channels);
        Assert.Equal(421_098 + normed, network.ToTable(tuned.Weights).RemainingParameterCount);

        var model = new Model(network, tuned.Weights, SqueezeNet.EmbeddingLayer);
        model.Save(folder["dense"]);
        model.Save(folder["sparse"], new ModelSaveOptions { Sparse = true });
        model.Save(folder["half"], new ModelSaveOptions { Sparse = true, HalfPrecision = true });
        Model sparse = Model.Load(folder["sparse"]), half = Model.Load(folder["half"]);

        // Four bytes (or two) for each remaining weight, one bit for each weight, and the header.
        long header = new FileInfo(folder["dense"]).Length - 4L * network.ParameterCount;
        Assert.InRange(
            new FileInfo(folder["sparse"]).Length, 4 * (421_098 + normed), (4 * (421_098 + normed)) + (1_248_424 / 8) + (2 * header));
        Assert.InRange(
            new FileInfo(folder["half"]).Length, 2 * 421_098, (2 * 421_098) + (4 * (normed + 4_000)) + (1_248_424 / 8) + (2 * header));
        Assert.Equal(model.Id, sparse.Id);
        Assert.Null(StateDictComparison.FirstDifference(model.Weights, sparse.Weights));
        Assert.Equal(Outputs(model), Outputs(sparse));
        Assert.InRange(NetworkData.Distance(NetworkData.ToDouble(Outputs(model)), NetworkData.ToDouble(Outputs(half))), 1e-9, 2e-2);

        float[] Outputs(Model model)
        {
            float[] logits = new float[8 * 1000];
            using IInferenceSession session = new ManagedBackend().CreateInferenceSession(model.Network, model.Weights, ["classifier.3"]);
            session.Run(inputs, 8, [logits]);
            return logits;
        }
    }
}
