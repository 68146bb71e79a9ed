using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

namespace SimNet.Models;

/// <summary>
/// Describes, as strings to compare, everything except the learning rates that determines the weights of a run. On one back end, runs
/// with equal strings are equal.
/// </summary>
internal static class CheckpointSettings
{
    /// <summary>
    /// The setting that names the back end. It is recorded but not compared, because a run can resume on another back end.
    /// </summary>
    public const string Backend = "backend";

    public static ImmutableSortedDictionary<string, string> Describe(
        Network network, ITrainingData training, TrainerOptions options, string backend, StateDict initialWeights)
    {
        var settings = new Dictionary<string, string>
        {
            ["network"] = NetworkJson.Write(network),
            ["samples"] = training.Count.ToString(CultureInfo.InvariantCulture),
            [Backend] = backend,
            ["data"] = training.Fingerprint,
            ["batch_size"] = options.BatchSize.ToString(CultureInfo.InvariantCulture),
            ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["loss"] = Describe(options.Loss),
            ["optimizer"] = Describe(options.Optimizer),
            ["initial_weights"] = Fingerprint(initialWeights),
        };

        // Unused settings are omitted, so that checkpoints remain valid when a later version adds a setting.
        AddIf(
            !options.FrozenLayers.IsDefaultOrEmpty,
            "frozen_layers",
            string.Join(' ', options.FrozenLayers.IsDefault ? [] : options.FrozenLayers));
        AddIf(options.KeepZeros, "keep_zeros", "true");
        AddIf(options.MaxGradientNorm != 0, "max_gradient_norm", options.MaxGradientNorm.ToString("R", CultureInfo.InvariantCulture));
        AddIf(options.AverageDecay != 0, "average_decay", options.AverageDecay.ToString("R", CultureInfo.InvariantCulture));
        AddIf(options.KeepBest, "keep_best", options.Criterion.ToString());
        return settings.ToImmutableSortedDictionary(StringComparer.Ordinal);

        void AddIf(bool used, string name, string value)
        {
            if (used)
            {
                settings.Add(name, value);
            }
        }
    }

    private static string Describe(Loss loss) => loss switch
    {
        CrossEntropy cross => FormattableString.Invariant(
            $"CrossEntropy label_smoothing={cross.LabelSmoothing} class_weights={string.Join(' ', Invariant(cross.ClassWeights))}"),
        MeanSquaredError or BinaryCrossEntropy => loss.GetType().Name,
        _ => throw new NotSupportedException($"Loss {loss.GetType().Name} is not supported in checkpoints."),
    };

    private static IEnumerable<string> Invariant(ImmutableArray<float> values) =>
        values.IsDefault ? [] : values.Select(value => value.ToString("R", CultureInfo.InvariantCulture));

    private static string Describe(Optimizer optimizer) => optimizer switch
    {
        Adam adam => FormattableString.Invariant(
            $"Adam beta1={adam.Beta1} beta2={adam.Beta2} epsilon={adam.Epsilon} weight_decay={adam.WeightDecay}{Decay(adam)}"),
        Sgd sgd => FormattableString.Invariant($"Sgd momentum={sgd.Momentum} weight_decay={sgd.WeightDecay}{Decay(sgd)}"),
        _ => throw new NotSupportedException($"Optimizer {optimizer.GetType().Name} is not supported in checkpoints."),
    };

    private static string Decay(Optimizer optimizer) =>
        (optimizer.DecoupledWeightDecay ? " decoupled" : "") + (optimizer.DecayKernelsOnly ? " kernels_only" : "");

    private static string Fingerprint(StateDict weights)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            SafetensorsFile.Write(stream, weights);
        }

        return Convert.ToHexStringLower(hash.Hash!);
    }
}
