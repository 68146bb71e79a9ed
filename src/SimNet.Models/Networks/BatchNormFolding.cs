using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;

namespace SimNet.Models;

/// <summary>
/// Folds batch norms into the convolutions before them: in inference a norm is scale (w x + b) + shift, which is a convolution as well.
/// </summary>
[Experimental(ExperimentalFeatures.Backends)]
public static class BatchNormFolding
{
    /// <summary>The part of a network that its outputs need, for inference, without the norms that a convolution can take over.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">All its parameters.</param>
    /// <param name="outputs">Names of the layers whose outputs are wanted.</param>
    /// <returns>
    /// The network and its weights. A norm stays where something else takes the convolution's output, where the convolution's output is
    /// itself wanted, where the norm's is wanted under its own name, and where the folded weights would not be finite.
    /// </returns>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape, or an output is not a layer of the network.</exception>
    public static (Network Network, StateDict Weights) Fold(Network network, StateDict weights, IReadOnlyList<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        foreach (ParameterInfo parameter in network.Parameters)
        {
            OptimizerState.GetTensor(weights, parameter.Name, parameter, nameof(weights));
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
            int convolution = layers[i] is BatchNorm2d && !outputs.Contains(layers[i].Name) ? FindConvolution(network, consumers, source) : -1;
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

    /// <summary>The convolution whose output only a norm takes, through dropouts, which do nothing in inference; -1 for none.</summary>
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
        ReadOnlySpan<float> gain = Values("weight"), offset = Values("bias"), mean = Values("running_mean"), variance = Values("running_var");
        string weightName = $"{convolution.Name}.weight", biasName = $"{convolution.Name}.bias";
        WeightTensor weight = weights[weightName];
        float[] bias = weights.TryGetValue(biasName, out WeightTensor? present) ? present.Values.ToArray() : new float[channels];
        double[] scale = new double[channels];
        for (int c = 0; c < channels; c++)
        {
            scale[c] = gain[c] / Math.Sqrt((double)variance[c] + norm.Epsilon);
            bias[c] = (float)((bias[c] - (double)mean[c]) * scale[c] + offset[c]);
        }

        // Filters lie in the outer dimension; in a transposed convolution in the second, each group's after those of the group before.
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
