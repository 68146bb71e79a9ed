namespace SimNet.Models;

/// <summary>The checks of a training session's options and steps that every back end makes.</summary>
internal static class TrainingSessionCheck
{
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public static void RequireLearningRate(float learningRate)
    {
        if (!float.IsFinite(learningRate) || learningRate < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "Expected a finite learning rate of at least 0.");
        }
    }

    /// <summary>Batch norm of a single value for each channel has no variance to go by.</summary>
    /// <exception cref="ArgumentException">A batch of so many samples has no more.</exception>
    public static void RequireVariance(BatchNorm2d layer, int pixels, int count)
    {
        if ((long)count * pixels < 2)
        {
            throw new ArgumentException(
                $"Layer '{layer.Name}' ({layer.Kind}) sees one value for each channel in a batch of {count}; training needs at least two.", nameof(count));
        }
    }

    /// <exception cref="ArgumentException">An option is out of its range, or the loss does not fit the output.</exception>
    public static void Require(TrainingSessionOptions options, Shape output)
    {
        Expect(options.Loss is not null, nameof(options.Loss), options.Loss, "a loss");
        if (options.Loss is CrossEntropy cross)
        {
            int weights = cross.ClassWeights.IsDefault ? 0 : cross.ClassWeights.Length;
            Expect(output is { Height: 1, Width: 1 }, nameof(options.Loss), cross, $"a network with one value for each class; its output is {output}");
            Expect(cross.LabelSmoothing is >= 0 and <= 1, nameof(cross.LabelSmoothing), cross.LabelSmoothing, "from 0 to 1");
            Expect(weights == 0 || weights == output.Channels, nameof(cross.ClassWeights), $"{weights} numbers", $"none or {output.Channels}");
            for (int i = 0; i < weights; i++)
            {
                Expect(cross.ClassWeights[i] >= 0 && float.IsFinite(cross.ClassWeights[i]), $"{nameof(cross.ClassWeights)}[{i}]", cross.ClassWeights[i], "a finite number of at least 0");
            }
        }

        Expect(options.Optimizer is Adam or Sgd, nameof(options.Optimizer), options.Optimizer, "Adam or Sgd");
        Expect(
            options.Optimizer.WeightDecay >= 0 && float.IsFinite(options.Optimizer.WeightDecay),
            nameof(Optimizer.WeightDecay),
            options.Optimizer.WeightDecay,
            "a finite number of at least 0");
        Expect(
            options.MaxGradientNorm >= 0 && float.IsFinite(options.MaxGradientNorm), nameof(options.MaxGradientNorm), options.MaxGradientNorm, "a finite number of at least 0");
        if (options.Optimizer is Adam adam)
        {
            Expect(adam.Beta1 is >= 0 and < 1, nameof(adam.Beta1), adam.Beta1, "from 0 to below 1");
            Expect(adam.Beta2 is >= 0 and < 1, nameof(adam.Beta2), adam.Beta2, "from 0 to below 1");
            Expect(adam.Epsilon > 0 && float.IsFinite(adam.Epsilon), nameof(adam.Epsilon), adam.Epsilon, "a finite number above 0");
        }
        else if (options.Optimizer is Sgd sgd)
        {
            Expect(sgd.Momentum is >= 0 and < 1, nameof(sgd.Momentum), sgd.Momentum, "from 0 to below 1");
        }

        static void Expect(bool holds, string setting, object? value, string expected)
        {
            if (!holds)
            {
                throw new ArgumentException($"{setting} is {value ?? "null"}; expected {expected}.", nameof(options));
            }
        }
    }
}
