using System.Numerics.Tensors;

namespace SimNet.Models;

/// <summary>Validates that weights belong to a network.</summary>
internal static class WeightValidation
{
    /// <exception cref="ArgumentException">
    /// A parameter is missing, has the wrong shape or a value that is not finite, or a tensor is not a parameter of the network.
    /// </exception>
    public static void Validate(Network network, StateDict weights, string argument)
    {
        foreach (ParameterInfo parameter in network.Parameters)
        {
            if (!weights.TryGetValue(parameter.Name, out WeightTensor? tensor))
            {
                throw new ArgumentException(
                    $"Parameter '{parameter.Name}' of network '{network.Name}' is missing from the {weights.Count} tensors.", argument);
            }

            if (!tensor.Dimensions.AsSpan().SequenceEqual(parameter.Dimensions.AsSpan()))
            {
                throw new ArgumentException(
                    $"Parameter '{parameter.Name}' has shape [{string.Join(", ", tensor.Dimensions)}]; "
                    + $"network '{network.Name}' expects [{string.Join(", ", parameter.Dimensions)}].",
                    argument);
            }

            if (!TensorPrimitives.IsFiniteAll(tensor.Values.Span))
            {
                throw new ArgumentException($"Parameter '{parameter.Name}' contains infinity or NaN.", argument);
            }

            // Batch norm takes the square root of it.
            if (parameter.Name.EndsWith(".running_var", StringComparison.Ordinal)
                && tensor.Values.Length > 0
                && TensorPrimitives.Min(tensor.Values.Span) < 0)
            {
                throw new ArgumentException($"Parameter '{parameter.Name}' contains a negative variance.", argument);
            }
        }

        if (weights.Count != network.Parameters.Length)
        {
            string unknown = weights.Keys.Except(network.Parameters.Select(p => p.Name)).First();
            throw new ArgumentException($"Tensor '{unknown}' is not a parameter of network '{network.Name}'.", argument);
        }
    }
}
