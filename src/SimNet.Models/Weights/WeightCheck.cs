using System.Numerics.Tensors;

namespace SimNet.Models;

/// <summary>Whether weights are a network's: every parameter there, in its shape, finite, and nothing else.</summary>
internal static class WeightCheck
{
    public static void Require(Network network, StateDict weights, string argument)
    {
        foreach (ParameterInfo parameter in network.Parameters)
        {
            if (!weights.TryGetValue(parameter.Name, out WeightTensor? tensor))
            {
                throw new ArgumentException($"Parameter '{parameter.Name}' of network '{network.Name}' is missing; there are {weights.Count} tensors.", argument);
            }

            if (!tensor.Dimensions.AsSpan().SequenceEqual(parameter.Dimensions.AsSpan()))
            {
                throw new ArgumentException(
                    $"Parameter '{parameter.Name}' is [{string.Join(", ", tensor.Dimensions)}]; network '{network.Name}' expects [{string.Join(", ", parameter.Dimensions)}].", argument);
            }

            if (!TensorPrimitives.IsFiniteAll(tensor.Values.Span))
            {
                throw new ArgumentException($"Parameter '{parameter.Name}' has a value that is infinite or not a number.", argument);
            }

            // A root is taken of it.
            if (parameter.Name.EndsWith(".running_var", StringComparison.Ordinal) && tensor.Values.Length > 0 && TensorPrimitives.Min(tensor.Values.Span) < 0)
            {
                throw new ArgumentException($"Parameter '{parameter.Name}' has a value below 0; a variance has none.", argument);
            }
        }

        if (weights.Count != network.Parameters.Length)
        {
            string unknown = weights.Keys.Except(network.Parameters.Select(p => p.Name)).First();
            throw new ArgumentException($"Tensor '{unknown}' is no parameter of network '{network.Name}'.", argument);
        }
    }
}
