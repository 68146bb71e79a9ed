using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;
using Functions = TorchSharp.torch.nn.functional;

namespace SimNet.TorchSharp;

/// <summary>The losses, averaged over the batch. Cross-entropy is computed in double precision, since it has few values.</summary>
internal static class LossOperations
{
    public static Tensor Run(Loss loss, Tensor output, Tensor target, TorchDevice device) => loss switch
    {
        MeanSquaredError => Functions.mse_loss(output, target),
        BinaryCrossEntropy => Functions.binary_cross_entropy(output, target),
        CrossEntropy cross => SoftmaxCrossEntropy(cross, output, target, device),
        _ => throw new ArgumentException($"{loss.GetType().Name} is not a loss that the TorchSharp back end supports.", nameof(loss)),
    };

    /// <summary>
    /// With logits x, targets t, smoothing s, weights w, C classes and N samples:
    /// <code>
    /// t' = (1 - s) t + s / C
    /// loss = -1/N sum over samples of sum over c of w[c] t'[c] (x[c] - log sum over k of exp(x[k]))
    /// </code>
    /// </summary>
    private static Tensor SoftmaxCrossEntropy(CrossEntropy loss, Tensor output, Tensor target, TorchDevice device)
    {
        long count = output.shape[0], classes = output.shape[1];
        Tensor logProbabilities = output.reshape(count, classes).to(ScalarType.Float64).log_softmax(1);
        Tensor weights = target.reshape(count, classes).to(ScalarType.Float64)
            .Times(1 - (double)loss.LabelSmoothing)
            .Plus((double)loss.LabelSmoothing / classes);
        if (!loss.ClassWeights.IsDefaultOrEmpty)
        {
            weights *= device.Upload(loss.ClassWeights.AsSpan(), [classes]);
        }

        // A class with target 0 adds nothing, even if its log probability is minus infinity.
        return where(weights.EqualTo(0), zeros_like(weights), weights * logProbabilities).sum().Times(-1.0 / count);
    }
}
