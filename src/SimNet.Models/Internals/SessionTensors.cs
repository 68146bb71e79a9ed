namespace SimNet.Models;

/// <summary>
/// How a training session's state is named and checked, so that what one back end exports another restores: the weights under their
/// own names, <c>step</c> with the number of steps done, and for each parameter that learns one tensor for each moment of the optimizer.
/// </summary>
internal static class SessionTensors
{
    public const string Step = "step";

    // Past this many steps Adam's bias corrections are 1 to the last bit; up to it a float counts exactly.
    public const long LastCountedStep = 1 << 24;

    /// <summary>What follows a parameter's name and a dot in the names of its moments, in order.</summary>
    public static string[] MomentsOf(Optimizer optimizer) => optimizer is Adam ? ["exp_avg", "exp_avg_sq"] : ["momentum_buffer"];

    /// <summary>Checks that a tensor is there and has the parameter's shape.</summary>
    public static WeightTensor Require(StateDict tensors, string name, ParameterInfo parameter, string argument)
    {
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

    public static void RefuseUnknown(StateDict tensors, Func<string, bool> isKnown, string argument)
    {
        foreach (string name in tensors.Keys)
        {
            if (!isKnown(name))
            {
                throw new ArgumentException($"Tensor '{name}' is unknown to this session.", argument);
            }
        }
    }

    public static WeightTensor WriteStep(long step) => new([], new float[] { step });

    public static long ReadStep(StateDict optimizerState, string argument) =>
        optimizerState.TryGetValue(Step, out WeightTensor? step) && step.Dimensions.IsEmpty && step.Values.Span[0] >= 0 && step.Values.Span[0] <= LastCountedStep
            ? (long)step.Values.Span[0]
            : throw new ArgumentException($"'{Step}' is missing or no single number from 0 to {LastCountedStep}.", argument);
}
