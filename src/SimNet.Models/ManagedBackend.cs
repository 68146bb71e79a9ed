namespace SimNet.Models;

/// <summary>
/// Trains and infers in managed code with the processor's vector instructions, on up to 32 cores and no more than a call has samples; nothing native to install.
/// It knows every layer of this package: <see cref="Conv2d"/>, <see cref="ConvTranspose2d"/>, <see cref="BatchNorm2d"/>, <see cref="MaxPool2d"/>,
/// <see cref="GlobalAveragePool2d"/>, <see cref="Relu"/>, <see cref="LeakyRelu"/>, <see cref="Sigmoid"/>, <see cref="Dropout"/> and <see cref="Concat"/>.
/// </summary>
/// <remarks>
/// Computes in float32; batch norm's statistics and the loss are summed in double. Results are the same to the last bit at any number
/// of threads; between vector widths they differ by rounding (relative 1e-5 or so of the largest value).
/// </remarks>
public sealed class ManagedBackend : IComputeBackend
{
    private readonly KernelSet _kernels;
    private readonly int _threads;

    /// <summary>A backend with these options.</summary>
    /// <param name="options">Threads and vector width; all cores and the widest vectors by default.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ManagedBackend(ManagedBackendOptions? options = null)
    {
        options ??= new ManagedBackendOptions();
        if (options.MaxThreads < 0)
        {
            throw new ArgumentException($"{nameof(options.MaxThreads)} is {options.MaxThreads}; expected 0 (all cores) or more.", nameof(options));
        }

        if (!Enum.IsDefined(options.VectorWidth))
        {
            throw new ArgumentException($"{nameof(options.VectorWidth)} is {options.VectorWidth}; expected one of the named widths.", nameof(options));
        }

        _threads = Math.Min(options.MaxThreads == 0 ? Environment.ProcessorCount : options.MaxThreads, StepPlan.MaxGroups);
        _kernels = KernelSet.Create(options.VectorWidth);
    }

    /// <inheritdoc/>
    public string Name => "managed";

    /// <inheritdoc/>
    public IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(outputs);
        if (outputs.Count == 0)
        {
            throw new ArgumentException("No outputs; expected at least one name of a layer.", nameof(outputs));
        }

        return Planned(network, () => new ManagedInferenceSession(network, weights, outputs, _kernels, _threads));
    }

    /// <inheritdoc/>
    public ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        Check(options, network.OutputShape);
        return Planned(network, () => new ManagedTrainingSession(network, weights, options, _kernels, _threads));
    }

    /// <summary>Offsets into feature maps are 32 bits wide: what is larger is the network's fault.</summary>
    private static T Planned<T>(Network network, Func<T> plan)
    {
        try
        {
            return plan();
        }
        catch (OverflowException exception)
        {
            throw new ArgumentException($"Network '{network.Name}' has a feature map, with its padding, of more than 2^31 values.", nameof(network), exception);
        }
    }

    private static void Check(TrainingSessionOptions options, Shape output)
    {
        Require(options.Loss is not null, nameof(options.Loss), options.Loss, "a loss");
        if (options.Loss is CrossEntropy cross)
        {
            int weights = cross.ClassWeights.IsDefault ? 0 : cross.ClassWeights.Length;
            Require(output is { Height: 1, Width: 1 }, nameof(options.Loss), cross, $"a network with one value for each class; its output is {output}");
            Require(cross.LabelSmoothing is >= 0 and <= 1, nameof(cross.LabelSmoothing), cross.LabelSmoothing, "from 0 to 1");
            Require(weights == 0 || weights == output.Channels, nameof(cross.ClassWeights), $"{weights} numbers", $"none or {output.Channels}");
            for (int i = 0; i < weights; i++)
            {
                Require(cross.ClassWeights[i] >= 0 && float.IsFinite(cross.ClassWeights[i]), $"{nameof(cross.ClassWeights)}[{i}]", cross.ClassWeights[i], "a finite number of at least 0");
            }
        }

        Require(options.Optimizer is Adam or Sgd, nameof(options.Optimizer), options.Optimizer, "Adam or Sgd");
        Require(
            options.Optimizer.WeightDecay >= 0 && float.IsFinite(options.Optimizer.WeightDecay),
            nameof(Optimizer.WeightDecay),
            options.Optimizer.WeightDecay,
            "a finite number of at least 0");
        Require(
            options.MaxGradientNorm >= 0 && float.IsFinite(options.MaxGradientNorm), nameof(options.MaxGradientNorm), options.MaxGradientNorm, "a finite number of at least 0");
        if (options.Optimizer is Adam adam)
        {
            Require(adam.Beta1 is >= 0 and < 1, nameof(adam.Beta1), adam.Beta1, "from 0 to below 1");
            Require(adam.Beta2 is >= 0 and < 1, nameof(adam.Beta2), adam.Beta2, "from 0 to below 1");
            Require(adam.Epsilon > 0 && float.IsFinite(adam.Epsilon), nameof(adam.Epsilon), adam.Epsilon, "a finite number above 0");
        }
        else if (options.Optimizer is Sgd sgd)
        {
            Require(sgd.Momentum is >= 0 and < 1, nameof(sgd.Momentum), sgd.Momentum, "from 0 to below 1");
        }

        static void Require(bool holds, string setting, object? value, string expected)
        {
            if (!holds)
            {
                throw new ArgumentException($"{setting} is {value ?? "null"}; expected {expected}.", nameof(options));
            }
        }
    }
}
