using System.Numerics.Tensors;

namespace SimNet.Models;

/// <summary>
/// Magnitude pruning (Han et al., "Learning both weights and connections for efficient neural networks", 2015): the smallest weights of
/// a convolution become 0. Train further with <see cref="TrainerOptions.KeepZeros"/> to make up for what was lost, and save with
/// <see cref="ModelSaveOptions.Sparse"/>.
/// </summary>
public static class MagnitudePruning
{
    /// <summary>The weights with the smallest ones of the named layers set to 0.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All its parameters.</param>
    /// <param name="sharesKept">
    /// For each layer to prune, by name, the share of its weights that is kept, above 0 and at most 1: share times number of weights,
    /// rounded up. Biases are kept, and so are all layers that are not named.
    /// </param>
    /// <returns>All the network's parameters. Of weights of equal magnitude the first ones are kept.</returns>
    /// <exception cref="ArgumentException">A layer is not in the network or has no convolution's weights, a share is out of its range, or the weights are not the network's.</exception>
    public static StateDict Prune(Network network, StateDict weights, IReadOnlyDictionary<string, double> sharesKept)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(sharesKept);
        WeightCheck.Require(network, weights, nameof(weights));
        var pruned = weights.ToDictionary(StringComparer.Ordinal);
        foreach ((string layer, double share) in sharesKept)
        {
            int index = network.IndexOf(layer);
            if (index < 0 || network.Layers[index] is not (Conv2d or ConvTranspose2d))
            {
                throw new ArgumentException($"Layer '{layer}' is no convolution; only their weights are pruned.", nameof(sharesKept));
            }

            if (!(share > 0 && share <= 1))
            {
                throw new ArgumentException($"The share kept of layer '{layer}' is {share}; expected above 0 and at most 1.", nameof(sharesKept));
            }

            string name = $"{layer}.weight";
            pruned[name] = Prune(weights[name], share);
        }

        return new StateDict(pruned);
    }

    private static WeightTensor Prune(WeightTensor tensor, double share)
    {
        float[] values = tensor.Values.ToArray();

        // In decimal, so that 0.2 of 512,000 is 102,400 and not one more.
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
