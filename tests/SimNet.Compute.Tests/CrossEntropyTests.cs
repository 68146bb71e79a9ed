namespace SimNet.Compute.Tests;

public sealed class CrossEntropyTests
{
    // PyTorch 1.13: nn.CrossEntropyLoss(weight=..., label_smoothing=...)(x, t) with x = [[2, -1, 0.5], [0.25, 3, -2]],
    // t = [[0.7, 0.3, 0], [0, 0.25, 0.75]], then with the class indices [2, 1].
    [Theory]
    [InlineData(0, false, 2.4797959327697754)]
    [InlineData(0.1f, false, 2.4514625072479248)]
    [InlineData(0, true, 1.5913033485412598)]
    [InlineData(0.1f, true, 1.6473557949066162)]
    public void Soft_targets_give_the_same_loss_as_PyTorch(float smoothing, bool weighted, double expected)
        => Assert.Equal(
            expected,
            LossOf([2, -1, 0.5f, 0.25f, 3, -2], [0.7f, 0.3f, 0, 0, 0.25f, 0.75f], 3, smoothing, weighted ? [1.5f, 2, 0.25f] : []),
            2e-6);

    [Theory]
    [InlineData(0, 0.2541730105876923)]
    [InlineData(0.1f, 0.4200293421745300)]
    public void Hard_targets_match_PyTorch_up_to_its_weight_normalization(float smoothing, double expected)
    {
        double loss = LossOf([2, -1, 0.5f, 0.25f, 3, -2], [0, 0, 1, 0, 1, 0], 3, smoothing, [1.5f, 2, 0.25f]);
        Assert.Equal(expected, loss * 2 / (0.25 + 2), 2e-6);
    }

    [Fact]
    public void Logits_whose_exponentials_overflow_give_correct_loss_and_gradient()
    {
        (double loss, float[] gradient) = LossAndBiasGradient([1000, 0, -1000, 999], [0, 1, 0, 0], 4, new CrossEntropy());
        double yes = 1 / (1 + Math.Exp(-1));
        Assert.Equal(1000 + Math.Log(1 + Math.Exp(-1)), loss, 1e-3);
        Assert.Equal(yes, gradient[0], 1e-6);
        Assert.Equal(-1, gradient[1], 1e-6);
        Assert.Equal(0, gradient[2]);
        Assert.Equal(1 - yes, gradient[3], 1e-6);

        // A class with target 0 may have probability 0: 0 times minus infinity counts as 0.
        Assert.Equal(0, LossAndBiasGradient([float.NegativeInfinity, 5], [0, 1], 2, new CrossEntropy()).Loss);
    }

    [Fact]
    public void Settings_that_do_not_fit_the_network_are_rejected_by_name()
    {
        AssertRejected(new CrossEntropy { LabelSmoothing = 1.5f }, "LabelSmoothing");
        AssertRejected(new CrossEntropy { LabelSmoothing = float.NaN }, "LabelSmoothing");
        AssertRejected(new CrossEntropy { ClassWeights = [1, 1] }, "ClassWeights is 2 numbers; expected none or 3");
        AssertRejected(new CrossEntropy { ClassWeights = [1, -1, 1] }, "ClassWeights[1]");
        AssertRejected(new CrossEntropy { ClassWeights = [1, 1, float.PositiveInfinity] }, "ClassWeights[2]");

        static void AssertRejected(CrossEntropy loss, string named)
        {
            Network network = Logits(3);
            Assert.Contains(named, Assert.Throws<ArgumentException>(() => new ManagedBackend().CreateTrainingSession(
                network,
                WeightInitialization.Create(network, 1),
                new TrainingSessionOptions { Loss = loss })).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Losses_with_equal_settings_are_equal()
    {
        Assert.Equal(Loss.CrossEntropy, new CrossEntropy { ClassWeights = default });
        Assert.Equal(new CrossEntropy { ClassWeights = [1, 2] }, new CrossEntropy { ClassWeights = [1, 2] });
        Assert.NotEqual(new CrossEntropy { ClassWeights = [1, 2] }, new CrossEntropy { ClassWeights = [1, 3] });
        Assert.NotEqual(Loss.CrossEntropy, new CrossEntropy { LabelSmoothing = 0.1f });
        Assert.NotEqual(Loss.MeanSquaredError, Loss.BinaryCrossEntropy);
    }

    private static double LossOf(float[] logits, float[] targets, int classes, float smoothing, float[] weights)
        => LossAndBiasGradient(logits, targets, classes, new CrossEntropy { LabelSmoothing = smoothing, ClassWeights = [.. weights] }).Loss;

    /// <summary>The loss of the given logits, and the gradient of the bias that is added to them.</summary>
    private static (double Loss, float[] Gradient) LossAndBiasGradient(float[] logits, float[] targets, int classes, CrossEntropy loss)
    {
        Network network = Logits(classes);
        float[] identity = [.. Enumerable.Range(0, classes * classes).Select(i => i % (classes + 1) == 0 ? 1f : 0f)];
        bool finite = logits.All(float.IsFinite);
        var weights = new StateDict(
        [
            new("conv.weight", new WeightTensor([classes, classes, 1, 1], finite ? identity : new float[identity.Length])),
            new("conv.bias", new WeightTensor([classes], finite ? new float[classes] : logits)),
        ]);
        using var session = (ManagedTrainingSession)new ManagedBackend(new ManagedBackendOptions { MaxThreads = 1 }).CreateTrainingSession(
            network, weights, new TrainingSessionOptions { Loss = loss, Optimizer = new Sgd { Momentum = 0 } });
        float value = session.TrainStep(finite ? logits : new float[logits.Length], targets, logits.Length / classes, learningRate: 0);
        return (value, session.GetGradient("conv.bias").ToArray());
    }

    private static Network Logits(int classes) => new("logits", new Shape(classes, 1, 1), [new Conv2d("conv", classes, 1)]);
}
