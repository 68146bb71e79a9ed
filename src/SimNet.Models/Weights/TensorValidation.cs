using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Checks that weights or an optimizer state have the tensors that a network needs, and no others.</summary>
[Experimental(ExperimentalFeatures.Backends)]
public static class TensorValidation
{
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
}
