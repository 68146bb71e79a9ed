using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Settings of a training session.</summary>
public sealed record TrainingSessionOptions
{
    /// <summary>The loss to minimize; mean squared error by default.</summary>
    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>The optimizer; <see cref="Adam"/> with its default settings by default.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>
    /// The seed of the random numbers that the session draws, which are those of <see cref="Dropout"/>; 0 by default.
    /// </summary>
    public int Seed { get; init; }

    /// <summary>The layers to freeze; see <see cref="TrainerOptions.FrozenLayers"/>. Empty by default.</summary>
    public ImmutableArray<string> FrozenLayers { get; init; } = [];

    /// <summary>
    /// Whether weights that are 0 at the start stay 0; see <see cref="TrainerOptions.KeepZeros"/>. False by default.
    /// </summary>
    public bool KeepZeros { get; init; }

    /// <summary>
    /// The largest norm of the gradient of a step; see <see cref="TrainerOptions.MaxGradientNorm"/>. 0, the default, for no limit.
    /// </summary>
    public float MaxGradientNorm { get; init; }

    /// <summary>
    /// Validates the options for a network, except for <see cref="FrozenLayers"/>, which <see cref="FindFrozenLayers"/> validates.
    /// </summary>
    /// <param name="network">The network to train.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the loss does not fit the output of the network.</exception>
    [Experimental(ExperimentalFeatures.Backends)]
    public void Validate(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Shape output = network.OutputShape;
        Expect(Loss is not null, nameof(Loss), Loss, "a loss");
        if (Loss is CrossEntropy cross)
        {
            int weights = cross.ClassWeights.IsDefault ? 0 : cross.ClassWeights.Length;
            string oneByOne = $"a network with one value per class; its output is {output}";
            Expect(output is { Height: 1, Width: 1 }, nameof(Loss), cross, oneByOne);
            Expect(cross.LabelSmoothing is >= 0 and <= 1, nameof(cross.LabelSmoothing), cross.LabelSmoothing, "from 0 to 1");
            Expect(
                weights == 0 || weights == output.Channels,
                nameof(cross.ClassWeights),
                $"{weights} numbers",
                $"none or {output.Channels}");
            for (int i = 0; i < weights; i++)
            {
                float weight = cross.ClassWeights[i];
                Expect(IsNonNegative(weight), $"{nameof(cross.ClassWeights)}[{i}]", weight, "a finite number of at least 0");
            }
        }

        Expect(Optimizer is Adam or Sgd, nameof(Optimizer), Optimizer, "Adam or Sgd");
        float decay = Optimizer.WeightDecay;
        Expect(IsNonNegative(decay), nameof(Optimizer.WeightDecay), decay, "a finite number of at least 0");
        Expect(IsNonNegative(MaxGradientNorm), nameof(MaxGradientNorm), MaxGradientNorm, "a finite number of at least 0");
        if (Optimizer is Adam adam)
        {
            Expect(adam.Beta1 is >= 0 and < 1, nameof(adam.Beta1), adam.Beta1, "from 0 to below 1");
            Expect(adam.Beta2 is >= 0 and < 1, nameof(adam.Beta2), adam.Beta2, "from 0 to below 1");
            Expect(adam.Epsilon > 0 && float.IsFinite(adam.Epsilon), nameof(adam.Epsilon), adam.Epsilon, "a finite number above 0");
        }
        else if (Optimizer is Sgd sgd)
        {
            Expect(sgd.Momentum is >= 0 and < 1, nameof(sgd.Momentum), sgd.Momentum, "from 0 to below 1");
        }

        static bool IsNonNegative(float value) => value >= 0 && float.IsFinite(value);

        static void Expect(bool holds, string setting, object? value, string expected)
        {
            if (!holds)
            {
                throw new ArgumentException($"{setting} is {value ?? "null"}; expected {expected}.");
            }
        }
    }

    /// <summary>Finds the layers of a network that <see cref="FrozenLayers"/> freezes.</summary>
    /// <param name="network">The network to train.</param>
    /// <returns>For each layer, whether it is frozen.</returns>
    /// <exception cref="ArgumentException">A name freezes no parameter, or all layers with parameters are frozen.</exception>
    [Experimental(ExperimentalFeatures.Backends)]
    public bool[] FindFrozenLayers(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Models.FrozenLayers.Find(network, FrozenLayers, "options");
    }
}
