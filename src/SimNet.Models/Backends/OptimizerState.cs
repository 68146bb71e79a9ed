using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Defines the tensors of <see cref="ITrainingSession.ExportOptimizerState"/>, so that one back end can restore what another exports.
/// <see cref="StepName"/> holds the number of completed steps, and each trained parameter has one tensor per optimizer moment.
/// </summary>
[Experimental(ExperimentalFeatures.Backends)]
public static class OptimizerState
{
    /// <summary>The name of the tensor that holds the number of completed steps.</summary>
    public const string StepName = "step";

    /// <summary>
    /// The step number at which counting stops, 2^24. A float32 counts exactly up to it, and beyond it the bias corrections of Adam are
    /// exactly 1.
    /// </summary>
    public const long MaxStep = 1 << 24;

    /// <summary>
    /// Gets the names of an optimizer's moments. A tensor's name is that of the parameter, a dot, and that of the moment.
    /// </summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <returns>The names, in order.</returns>
    public static string[] GetMomentNames(Optimizer optimizer) => optimizer is Adam ? ["exp_avg", "exp_avg_sq"] : ["momentum_buffer"];

    /// <summary>Gets a tensor and checks that it has the shape of a parameter.</summary>
    /// <param name="tensors">The weights or the optimizer state.</param>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="parameter">The parameter whose shape the tensor must have.</param>
    /// <param name="argument">The name of the caller's argument, for the exception.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="ArgumentException">The tensor is missing or has the wrong shape.</exception>
    public static WeightTensor GetTensor(StateDict tensors, string name, ParameterInfo parameter, string argument)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(parameter);
        if (!tensors.TryGetValue(name, out WeightTensor? tensor))
        {
            throw new ArgumentException(
                $"'{name}' is missing; expected a tensor of shape [{string.Join(", ", parameter.Dimensions)}].", argument);
        }

        if (!tensor.Dimensions.AsSpan().SequenceEqual(parameter.Dimensions.AsSpan()))
        {
            throw new ArgumentException(
                $"'{name}' has shape [{string.Join(", ", tensor.Dimensions)}]; expected [{string.Join(", ", parameter.Dimensions)}].",
                argument);
        }

        return tensor;
    }

    /// <summary>Checks that a session knows every tensor.</summary>
    /// <param name="tensors">The weights or the optimizer state.</param>
    /// <param name="isKnown">Returns whether the session has a tensor with the given name.</param>
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
                throw new ArgumentException($"Tensor '{name}' does not belong to this session.", argument);
            }
        }
    }

    /// <summary>Creates the tensor that holds the number of completed steps.</summary>
    /// <param name="step">The number of completed steps; at most <see cref="MaxStep"/>.</param>
    /// <returns>A tensor without dimensions.</returns>
    public static WeightTensor WriteStep(long step) => new([], new float[] { step });

    /// <summary>Reads the number of completed steps.</summary>
    /// <param name="optimizerState">The optimizer state.</param>
    /// <param name="argument">The name of the caller's argument, for the exception.</param>
    /// <returns>The number of completed steps.</returns>
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
