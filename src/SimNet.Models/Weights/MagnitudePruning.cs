using System.Numerics.Tensors;

namespace SimNet.Models;

/// <summary>
/// Magnitude pruning (Han et al., "Learning both weights and connections for efficient neural networks", 2015), which sets the smallest
/// weights of a convolution to 0. Fine-tune with <see cref="TrainerOptions.KeepZeros"/> to recover accuracy, and save with
/// <see cref="ModelSaveOptions.Sparse"/>.
/// </summary>
public static class MagnitudePruning
{
    /// <summary>Sets the smallest weights of the given layers to 0.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All parameters of the network, by full name.</param>
    /// <param name="sharesKept">
    /// The share of weights to keep (the density) by layer name; greater than 0 and at most 1. The number of weights kept is rounded up.
    /// Biases and all other layers are not pruned.
    /// </param>
    /// <returns>All parameters of the network. Among weights of equal magnitude, the first ones are kept.</returns>
    /// <exception cref="ArgumentException">
    /// A layer does not exist or is not a convolution, a share is out of range, or the weights do not belong to the network.
    /// </exception>
    public static StateDict Prune(Network network, StateDict weights, IReadOnlyDictionary<string, double> sharesKept)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(sharesKept);
        WeightValidation.Validate(network, weights, nameof(weights));
        var pruned = weights.ToDictionary(StringComparer.Ordinal);
        foreach ((string layer, double share) in sharesKept)
        {
            int index = network.IndexOf(layer);
            if (index < 0 || network.Layers[index] is not (Conv2d or ConvTranspose2d))
            {
                throw new ArgumentException($"Layer '{layer}' is not a convolution; only convolutions can be pruned.", nameof(sharesKept));
            }

            if (!(share > 0 && share <= 1))
            {
                throw new ArgumentException(
                    $"The share of weights to keep of layer '{layer}' is {share}; expected greater than 0 and at most 1.",
                    nameof(sharesKept));
            }

            string name = $"{layer}.weight";
            pruned[name] = Prune(weights[name], share);
        }

        return new StateDict(pruned);
    }

    private static WeightTensor Prune(WeightTensor tensor, double share)
    {
        float[] values = tensor.Values.ToArray();

        // In decimal, so that 0.2 of 512,000 is exactly 102,400.
        int kept = (int)Math.Ceiling((decimal)share * values.Length);
        if (kept == values.Length)
        {
            return tensor;
        }

        float[] magnitudes = new float[values.Length];
        TensorPrimitives.Abs(values, magnitudes);
        Array.Sort(magnitudes);
        float least = magnitudes[values.Length - kept];
        int larger = values.Length - Array.FindLastIndex(magnitudes, magnitude => magnitude <= least) - 1;
        int equals = kept - larger;
        for (int i = 0; i < values.Length; i++)
        {
            float magnitude = Math.Abs(values[i]);
            if (magnitude < least || (magnitude == least && equals-- <= 0))
            {
                values[i] = 0;
            }
        }

        return new WeightTensor(tensor.Dimensions, values);
    }
}
