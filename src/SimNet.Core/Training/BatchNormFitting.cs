using SimNet.Models;

namespace SimNet.Core;

/// <summary>
/// Adds batch norms to the weights of a network without them. The scale and shift of each batch norm are set to undo its normalization of
/// real images, so that the training starts from the outputs of the original network.
/// </summary>
internal static class BatchNormFitting
{
    /// <summary>Enough for the moments of a channel, to which every position of an image contributes.</summary>
    private const int MaxImages = 256;

    /// <summary>Fits the batch norms that are missing in <paramref name="given"/>.</summary>
    /// <param name="network">The network.</param>
    /// <param name="given">The original weights.</param>
    /// <param name="weights">All parameters of the network, in which the missing batch norms are the identity.</param>
    /// <param name="data">The images.</param>
    /// <param name="seed">The seed that selects an image of each product.</param>
    /// <param name="backend">The back end that runs the network.</param>
    /// <param name="cancellationToken">Cancels the work between images.</param>
    /// <returns>The parameters with the fitted batch norms.</returns>
    public static StateDict Fit(
        Network network,
        StateDict given,
        StateDict weights,
        ITrainingData data,
        int seed,
        IInferenceBackend backend,
        CancellationToken cancellationToken)
    {
        BatchNorm2d[] norms = [.. Enumerable.Range(0, network.Layers.Length)
            .Where(layer => WeightTransfer.IsMissingBatchNorm(network, layer, given)).Select(layer => (BatchNorm2d)network.Layers[layer])];
        if (norms.Length == 0)
        {
            return weights;
        }

        using IInferenceSession session = backend.CreateInferenceSession(network, weights, [.. norms.Select(norm => norm.Name)]);
        Memory<float>[] outputs = [.. session.OutputShapes.Select(shape => new Memory<float>(new float[shape.Length]))];
        var moments = session.OutputShapes.Select(shape => new (double Sum, double SumOfSquares)[shape.Channels]).ToArray();
        float[] input = new float[data.InputShape.Length], target = new float[data.TargetShape.Length];
        int images = Math.Min(data.Count, MaxImages);
        for (int i = 0; i < images; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Evenly spaced samples, because catalogs are often sorted.
            data.Read([(int)((long)i * data.Count / images)], seed, epoch: 0, input, target);
            session.Run(input, 1, outputs);
            for (int norm = 0; norm < norms.Length; norm++)
            {
                Add(outputs[norm].Span, moments[norm]);
            }
        }

        var fitted = weights.ToDictionary(StringComparer.Ordinal);
        for (int i = 0; i < norms.Length; i++)
        {
            (string name, int channels) = (norms[i].Name, moments[i].Length);
            double count = (double)images * session.OutputShapes[i].Height * session.OutputShapes[i].Width;
            double[] mean = [.. moments[i].Select(moment => moment.Sum / count)];
            double[] variance =
            [
                .. moments[i].Select((moment, channel) => Math.Max(0, (moment.SumOfSquares / count) - (mean[channel] * mean[channel]))),
            ];
            float epsilon = norms[i].Epsilon;
            Set("running_mean", mean);
            Set("running_var", variance);
            Set("weight", variance.Select(value => Math.Sqrt(value + epsilon)));
            Set("bias", mean);

            void Set(string parameter, IEnumerable<double> values)
                => fitted[$"{name}.{parameter}"] = new WeightTensor([channels], values.Select(value => (float)value).ToArray());
        }

        return new StateDict(fitted);
    }

    private static void Add(ReadOnlySpan<float> output, (double Sum, double SumOfSquares)[] moments)
    {
        int area = output.Length / moments.Length;
        for (int channel = 0; channel < moments.Length; channel++)
        {
            (double sum, double squares) = (0, 0);
            foreach (float value in output.Slice(channel * area, area))
            {
                sum += value;
                squares += (double)value * value;
            }

            moments[channel].Sum += sum;
            moments[channel].SumOfSquares += squares;
        }
    }
}
