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
