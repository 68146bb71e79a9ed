namespace SimNet.Models;

/// <summary>Creates the initial weights of a network.</summary>
public static class WeightInitialization
{
    /// <summary>Creates weights. The same network, seed, and initializer give the same bits on every platform.</summary>
    /// <param name="network">The network.</param>
    /// <param name="seed">The seed of the random numbers.</param>
    /// <param name="initializer">The distribution; <see cref="WeightInitializer.GlorotUniform"/> by default.</param>
    /// <returns>All parameters of the network, by full name.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="initializer"/> is not a defined value.</exception>
    public static StateDict Create(Network network, int seed, WeightInitializer initializer = WeightInitializer.GlorotUniform)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!Enum.IsDefined(initializer))
        {
            throw new ArgumentOutOfRangeException(
                nameof(initializer), initializer, $"Expected one of {string.Join(", ", Enum.GetNames<WeightInitializer>())}.");
        }

        var tensors = new List<KeyValuePair<string, WeightTensor>>(network.Parameters.Length);
        for (int i = 0; i < network.Layers.Length; i++)
        {
            foreach (ParameterInfo parameter in network.ParametersByLayer[i])
            {
                // Each parameter has its own random sequence, so that adding a layer at the end does not change the others.
                var random = new SeededRandom(seed, tensors.Count);
                float[] values = new float[parameter.Count];
                Fill(values, network.Layers[i], parameter, initializer, ref random);
                tensors.Add(new(parameter.Name, new WeightTensor(parameter.Dimensions, values)));
            }
        }

        return new StateDict(tensors);
    }

    private static void Fill(float[] values, Layer layer, ParameterInfo parameter, WeightInitializer initializer, ref SeededRandom random)
    {
        switch (layer, parameter.Name[(layer.Name.Length + 1)..])
        {
            case (Conv2d convolution, "weight"):
                FillKernel(
                    values,
                    convolution.KernelSize.Area,
                    parameter.Dimensions[1],
                    parameter.Dimensions[0] / convolution.Groups,
                    initializer,
                    ref random);
                break;
            case (ConvTranspose2d convolution, "weight"):
                FillKernel(
                    values,
                    convolution.KernelSize.Area,
                    parameter.Dimensions[0] / convolution.Groups,
                    parameter.Dimensions[1],
                    initializer,
                    ref random);
                break;
            case (BatchNorm2d, "weight" or "running_var"):
            case (LayerNorm2d, "weight"):
                values.AsSpan().Fill(1);
                break;
            case (PRelu, "weight"):
                values.AsSpan().Fill(0.25f);
                break;
            case (Conv2d or ConvTranspose2d or LayerNorm2d, "bias"):
            case (BatchNorm2d, "bias" or "running_mean"):
                break;
            default:
                throw new NotSupportedException($"Parameter '{parameter.Name}' of layer kind {layer.Kind} has no initializer.");
        }
    }

    /// <summary>Fills the weights of a convolution. The channel counts are those of one group.</summary>
    private static void FillKernel(
        float[] values, int area, int inChannels, int outChannels, WeightInitializer initializer, ref SeededRandom random)
    {
        double fanIn = inChannels * (double)area, fanOut = outChannels * (double)area;
        if (initializer == WeightInitializer.GlorotUniform)
        {
            double limit = Math.Sqrt(6 / (fanIn + fanOut));
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)((2 * random.NextDouble() - 1) * limit);
            }
        }
        else
        {
            double deviation = Math.Sqrt(2 / fanIn);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)(NormalSampler.Sample(ref random) * deviation);
            }
        }
    }
}
