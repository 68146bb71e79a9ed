using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace SimNet.Models;

/// <summary>Networks made of part of another's layers, with the weights that these have.</summary>
internal static class NetworkPart
{
    /// <summary>The layers that the outputs need; the network itself where they need all.</summary>
    public static Network NeededBy(Network network, IReadOnlyList<int> outputs)
    {
        bool[] needed = NeededLayers.Find(network, outputs);
        return needed.Contains(false) ? Rebuild(network, needed, network.Layers, source => source) : network;
    }

    /// <summary>The weights of the network's parameters alone.</summary>
    public static StateDict WeightsOf(Network network, StateDict weights) =>
        weights.Count == network.Parameters.Length ? weights : new StateDict(network.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, weights[parameter.Name])));

    /// <summary>
    /// The network without the batch norms that only a convolution gives to: scale (w x + b) + shift is a convolution as well. A norm
    /// or a convolution that is itself an output stays.
    /// </summary>
    public static (Network Network, StateDict Weights) FoldNorms(Network network, StateDict weights, IReadOnlySet<string> outputs)
    {
        int count = network.Layers.Length;
        int[] takers = new int[count];
        foreach (int source in network.Sources.SelectMany(sources => sources))
        {
            if (source >= 0)
            {
                takers[source]++;
            }
        }

        bool[] kept = new bool[count];
        int[] instead = [.. Enumerable.Range(0, count)];
        Layer[] layers = [.. network.Layers];
        Dictionary<string, WeightTensor> folded = weights.ToDictionary(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            int source = network.Sources[i][0];
            kept[i] = !(layers[i] is BatchNorm2d && source >= 0 && layers[source] is Conv2d or ConvTranspose2d && takers[source] == 1
                && !outputs.Contains(layers[i].Name) && !outputs.Contains(layers[source].Name));
            if (!kept[i])
            {
                instead[i] = source;
                FoldNorm((BatchNorm2d)layers[i], layers[source], network.OutputShapes[i].Channels, folded);
                layers[source] = layers[source] switch
                {
                    Conv2d conv => conv with { HasBias = true },
                    ConvTranspose2d conv => conv with { HasBias = true },
                    var other => other,
                };
            }
        }

        return kept.Contains(false) ? (Rebuild(network, kept, layers, source => source < 0 ? source : instead[source]), new StateDict(folded)) : (network, weights);
    }

    private static void FoldNorm(BatchNorm2d norm, Layer convolution, int channels, Dictionary<string, WeightTensor> weights)
    {
        ReadOnlySpan<float> gain = Take("weight"), offset = Take("bias"), mean = Take("running_mean"), variance = Take("running_var");
        string weightName = $"{convolution.Name}.weight", biasName = $"{convolution.Name}.bias";
        WeightTensor weight = weights[weightName];
        float[] bias = weights.TryGetValue(biasName, out WeightTensor? there) ? there.Values.ToArray() : new float[channels];
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
            int channel = convolution is ConvTranspose2d transposed
                ? i / kernel % weight.Dimensions[1] + i / kernel / weight.Dimensions[1] / (weight.Dimensions[0] / transposed.Groups) * weight.Dimensions[1]
                : i / kernel / weight.Dimensions[1];
            values[i] = (float)(values[i] * scale[channel]);
        }

        if (!TensorPrimitives.IsFiniteAll(values) || !TensorPrimitives.IsFiniteAll(bias))
        {
            throw new ArgumentException($"Batch norm '{norm.Name}' cannot be folded into '{convolution.Name}': the weights would be infinite.", nameof(weights));
        }

        weights[weightName] = new WeightTensor(weight.Dimensions, values);
        weights[biasName] = new WeightTensor([channels], bias);

        ReadOnlySpan<float> Take(string parameter) => weights.Remove($"{norm.Name}.{parameter}", out WeightTensor? tensor) ? tensor.Values.Span : [];
    }

    /// <summary>The kept layers; their inputs are named where it is no longer the layer before.</summary>
    private static Network Rebuild(Network network, bool[] kept, IReadOnlyList<Layer> layers, Func<int, int> sourceInstead)
    {
        var rebuilt = ImmutableArray.CreateBuilder<Layer>();
        int before = -1;
        for (int i = 0; i < kept.Length; i++)
        {
            if (kept[i])
            {
                int[] sources = [.. network.Sources[i].Select(sourceInstead)];
                bool isPlain = layers[i].Inputs.IsDefaultOrEmpty && sources[0] == before;
                rebuilt.Add(isPlain ? layers[i] : layers[i] with { Inputs = [.. sources.Select(source => source < 0 ? Network.InputName : layers[source].Name)] });
                before = i;
            }
        }

        return new Network(network.Name, network.InputShape, rebuilt);
    }
}
