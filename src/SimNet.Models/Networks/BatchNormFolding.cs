using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;

namespace SimNet.Models;

/// <summary>
/// Folds batch norms into the convolutions before them. In inference, a batch norm after a convolution is scale (w x + b) + shift, which
/// is itself a convolution.
/// </summary>
[Experimental(ExperimentalFeatures.Backends)]
public static class BatchNormFolding
{
    /// <summary>Reduces a network to the layers that its outputs depend on and folds its batch norms, for inference.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All parameters of the network, by full name.</param>
    /// <param name="outputs">Names of the layers whose outputs to compute.</param>
    /// <returns>
    /// The reduced network and its weights. A batch norm stays if another layer consumes the output of the convolution, if the convolution
    /// or the batch norm is itself an output, or if the folded weights would not be finite.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// A parameter is missing or has the wrong shape, or an output is not a layer of the network.
    /// </exception>
    public static (Network Network, StateDict Weights) Fold(Network network, StateDict weights, IReadOnlyList<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        foreach (ParameterInfo parameter in network.Parameters)
        {
            TensorValidation.GetTensor(weights, parameter.Name, parameter, nameof(weights));
        }

        network = Subnetwork.RequiredBy(network, network.IndexesOf(outputs));
        int count = network.Layers.Length;
        int[] consumers = CountConsumers(network, outputs);
        bool[] kept = new bool[count];
        int[] replacement = [.. Enumerable.Range(0, count)];
        Layer[] layers = [.. network.Layers];
        Dictionary<string, WeightTensor> folded = Subnetwork.WeightsOf(network, weights).ToDictionary(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            int source = network.Sources[i][0];
            int convolution = layers[i] is BatchNorm2d && !outputs.Contains(layers[i].Name)
                ? FindConvolution(network, consumers, source)
                : -1;
            kept[i] = convolution < 0
                || !TryFold((BatchNorm2d)layers[i], layers[convolution], network.OutputShapes[i].Channels, folded);
            if (!kept[i])
            {
                replacement[i] = source;
                layers[convolution] = layers[convolution] switch
                {
                    Conv2d conv => conv with { HasBias = true },
                    ConvTranspose2d conv => conv with { HasBias = true },
                    var other => other,
                };
            }
        }

        Network result = kept.Contains(false)
            ? Subnetwork.Create(network, kept, layers, source => source < 0 ? source : replacement[source])
            : network;
        return (result, new StateDict(folded));
    }

    private static int[] CountConsumers(Network network, IReadOnlyList<string> outputs)
    {
        var consumers = new int[network.Layers.Length];
        foreach (int source in network.Sources.SelectMany(sources => sources).Concat(network.IndexesOf(outputs)))
        {
            if (source >= 0)
            {
                consumers[source]++;
            }
        }

        return consumers;
    }

    /// <summary>
    /// Finds the convolution that only this batch norm consumes, skipping dropouts, which do nothing in inference; -1 for none.
    /// </summary>
    private static int FindConvolution(Network network, int[] consumers, int source)
    {
        while (source >= 0 && consumers[source] == 1 && network.Layers[source] is Dropout)
        {
            source = network.Sources[source][0];
        }

        return source >= 0 && consumers[source] == 1 && network.Layers[source] is Conv2d or ConvTranspose2d ? source : -1;
    }

    private static bool TryFold(BatchNorm2d norm, Layer convolution, int channels, Dictionary<string, WeightTensor> weights)
    {
        ReadOnlySpan<float> gain = Values("weight"), offset = Values("bias");
        ReadOnlySpan<float> mean = Values("running_mean"), variance = Values("running_var");
        string weightName = $"{convolution.Name}.weight", biasName = $"{convolution.Name}.bias";
        WeightTensor weight = weights[weightName];
        float[] bias = weights.TryGetValue(biasName, out WeightTensor? present) ? present.Values.ToArray() : new float[channels];
        double[] scale = new double[channels];
        for (int c = 0; c < channels; c++)
        {
            scale[c] = gain[c] / Math.Sqrt((double)variance[c] + norm.Epsilon);
            bias[c] = (float)((bias[c] - (double)mean[c]) * scale[c] + offset[c]);
        }

        // The outer dimension is the filter; in a transposed convolution, the second dimension is the filter within its group.
        int kernel = weight.Dimensions[2] * weight.Dimensions[3];
        float[] values = weight.Values.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            int filter = i / kernel;
            int channel = convolution is ConvTranspose2d transposed
                ? filter % weight.Dimensions[1]
                    + filter / weight.Dimensions[1] / (weight.Dimensions[0] / transposed.Groups) * weight.Dimensions[1]
                : filter / weight.Dimensions[1];
            values[i] = (float)(values[i] * scale[channel]);
        }

        if (!TensorPrimitives.IsFiniteAll(values) || !TensorPrimitives.IsFiniteAll(bias))
        {
            return false;
        }

        foreach (string parameter in (ReadOnlySpan<string>)["weight", "bias", "running_mean", "running_var"])
        {
            weights.Remove($"{norm.Name}.{parameter}");
        }

        weights[weightName] = new WeightTensor(weight.Dimensions, values);
        weights[biasName] = new WeightTensor([channels], bias);
        return true;

        ReadOnlySpan<float> Values(string parameter) => weights[$"{norm.Name}.{parameter}"].Values.Span;
    }
}
