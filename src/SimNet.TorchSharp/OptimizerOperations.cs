using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>
/// The optimizers, for all parameters at once, in the order of operations of the managed back end. Convolution weights come first in the
/// flat tensors, so that weight decay can exclude the rest.
/// </summary>
internal static class OptimizerOperations
{
    /// <summary>Updates the weights.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="step">The number of this step, from 1.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="weights">The weights; updated.</param>
    /// <param name="gradients">The gradients; modified.</param>
    /// <param name="moments">The optimizer's moments, in the order of their names; updated.</param>
    /// <param name="kernels">The number of values that are convolution weights.</param>
    public static void Update(
        Optimizer optimizer, long step, float rate, Tensor weights, Tensor gradients, IReadOnlyList<ParameterGroup> moments, int kernels)
    {
        Decay(optimizer, rate, weights, gradients, kernels);
        switch (optimizer)
        {
            case Adam adam:
                Adam(adam, step, rate, weights, gradients, moments[0].Flat, moments[1].Flat);
                break;
            case Sgd sgd:
                moments[0].Flat.MultiplyBy(sgd.Momentum).AddScaled(gradients, 1);
                weights.AddScaled(moments[0].Flat, -(double)rate);
                break;
            default:
                throw new InvalidOperationException($"The optimizer {optimizer} is not supported.");
        }
    }

    private static void Decay(Optimizer optimizer, float rate, Tensor weights, Tensor gradients, int kernels)
    {
        if (optimizer.WeightDecay == 0)
        {
            return;
        }

        long count = optimizer.DecayKernelsOnly ? kernels : weights.NumberOfElements;
        Tensor decayed = weights.narrow(0, 0, count);
        if (optimizer.DecoupledWeightDecay)
        {
            decayed.MultiplyBy(1 - (double)rate * optimizer.WeightDecay);
        }
        else
        {
            gradients.narrow(0, 0, count).AddScaled(decayed, optimizer.WeightDecay);
        }
    }

    /// <summary>
    /// Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1), in the order of operations of PyTorch:
    /// <code>
    /// m = beta1 * m + (1 - beta1) * g
    /// v = beta2 * v + (1 - beta2) * g * g
    /// w = w - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
    /// </code>
    /// </summary>
    private static void Adam(Adam adam, long step, float rate, Tensor weights, Tensor gradients, Tensor means, Tensor squares)
    {
        // 0.999f differs from 0.999. Converting by way of decimal gives the 1 - beta that PyTorch computes from the decimal literal.
        double beta1 = (double)(decimal)adam.Beta1;
        double beta2 = (double)(decimal)adam.Beta2;
        means.MultiplyBy(beta1).AddScaled(gradients, 1 - beta1);
        squares.MultiplyBy(beta2).AddProduct(gradients, gradients, 1 - beta2);
        Tensor divisor = squares.sqrt().DivideBy(Math.Sqrt(1 - Math.Pow(beta2, step))).Add(adam.Epsilon);
        weights.AddQuotient(means, divisor, -rate / (1 - Math.Pow(beta1, step)));
    }
}
