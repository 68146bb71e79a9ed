using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// How <see cref="ITrainingSession.ExportOptimizerState"/> names its tensors, so that one back end restores what another exports:
/// <see cref="StepName"/> holds the number of steps done, and each parameter that learns has one tensor per moment of the optimizer.
/// </summary>
[Experimental(ExperimentalFeatures.Backends)]
public static class OptimizerState
{
    /// <summary>The name of the tensor that holds the number of steps done.</summary>
    public const string StepName = "step";

    /// <summary>
    /// The largest step number that is counted, 2^24. Past it Adam's bias corrections are 1 to the last bit; up to it a float32 counts exactly.
    /// </summary>
    public const long MaxStep = 1 << 24;

    /// <summary>The suffixes, after a parameter's name and a dot, of the names of an optimizer's moments, in order.</summary>
    /// <param name="optimizer">The optimizer.</param>
    public static string[] GetMomentNames(Optimizer optimizer) => optimizer is Adam ? ["exp_avg", "exp_avg_sq"] : ["momentum_buffer"];

    /// <summary>Returns a parameter's tensor after checking that it is there and has the parameter's shape.</summary>
    /// <param name="tensors">Weights or optimizer state.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="parameter">The parameter whose shape the tensor has.</param>
    /// <param name="argument">The name of the caller's argument, for the exception.</param>
    /// <exception cref="ArgumentException">The tensor is missing or has another shape.</exception>
    public static WeightTensor GetTensor(StateDict tensors, string name, ParameterInfo parameter, string argument)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(parameter);
        if (!tensors.TryGetValue(name, out WeightTensor? tensor))
        {
            throw new ArgumentException($"'{name}' is missing; expected a tensor of [{string.Join(", ", parameter.Dimensions)}].", argument);
        }

        if (!tensor.Dimensions.AsSpan().SequenceEqual(parameter.Dimensions.AsSpan()))
        {
            throw new ArgumentException(
                $"'{name}' is [{string.Join(", ", tensor.Dimensions)}]; expected [{string.Join(", ", parameter.Dimensions)}].", argument);
        }

        return tensor;
    }

    /// <summary>Checks that every tensor is known to the session.</summary>
    /// <param name="tensors">Weights or optimizer state.</param>
    /// <param name="isKnown">Whether the session has a tensor of this name.</param>
    /// <param name="argument">The name of the caller's argument, for the exception.</param>
    /// <exception cref="ArgumentException">A tensor is unknown; the message names it.</exception>
    public static void RejectUnknown(StateDict tensors, Func<string, bool> isKnown, string argument)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(isKnown);
        foreach (string name in tensors.Keys)
        {
            if (!isKnown(name))
            {
                throw new ArgumentException($"Tensor '{name}' is unknown to this session.", argument);
            }
        }
    }

    /// <summary>The tensor that holds a number of steps.</summary>
    /// <param name="step">Number of steps done; at most <see cref="MaxStep"/>.</param>
    public static WeightTensor WriteStep(long step) => new([], new float[] { step });

    /// <summary>The number of steps that the state holds.</summary>
    /// <param name="optimizerState">The state.</param>
    /// <param name="argument">The name of the caller's argument, for the exception.</param>
    /// <exception cref="ArgumentException">The tensor is missing, or is not a single number from 0 to <see cref="MaxStep"/>.</exception>
    public static long ReadStep(StateDict optimizerState, string argument)
    {
        ArgumentNullException.ThrowIfNull(optimizerState);
        return optimizerState.TryGetValue(StepName, out WeightTensor? step)
            && step.Dimensions.IsEmpty
            && step.Values.Span[0] is >= 0 and <= MaxStep
                ? (long)step.Values.Span[0]
                : throw new ArgumentException($"'{StepName}' is missing or is not a single number from 0 to {MaxStep}.", argument);
    }
}
