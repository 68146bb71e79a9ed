using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;
using Functions = TorchSharp.torch.nn.functional;

namespace SimNet.TorchSharp;

/// <summary>The losses, averaged over the batch; a few values, so what few there are is summed in double.</summary>
internal static class LossOperations
{
    public static Tensor Run(Loss loss, Tensor output, Tensor target, TorchDevice device) => loss switch
    {
        MeanSquaredError => Functions.mse_loss(output, target),
        BinaryCrossEntropy => Functions.binary_cross_entropy(output, target),
        CrossEntropy cross => SoftmaxCrossEntropy(cross, output, target, device),
        _ => throw new ArgumentException($"{loss.GetType().Name} is no loss that the TorchSharp backend knows.", nameof(loss)),
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
        Tensor logarithms = output.reshape(count, classes).to(ScalarType.Float64).log_softmax(1);
        Tensor shares = target.reshape(count, classes).to(ScalarType.Float64).Times(1 - (double)loss.LabelSmoothing).Plus((double)loss.LabelSmoothing / classes);
        if (!loss.ClassWeights.IsDefaultOrEmpty)
        {
            shares *= device.Upload(loss.ClassWeights.AsSpan(), [classes]);
        }

        // A class that nothing is asked of adds nothing, however unlikely it is.
        return where(shares.Is(0), zeros_like(shares), shares * logarithms).sum().Times(-1.0 / count);
    }
}
