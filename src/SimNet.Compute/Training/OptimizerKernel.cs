namespace SimNet.Compute;

/// <summary>
/// The update of one parameter. Its weight decay is that of the optimizer, or 0 if the optimizer excludes the parameter. Lengths are
/// rounded up to whole vectors, which buffers have room for.
/// </summary>
internal abstract unsafe class OptimizerKernel
{
    /// <summary>
    /// Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1; decoupled weight decay: Loshchilov and Hutter,
    /// "Decoupled Weight Decay Regularization", 2019), in the order of operations of PyTorch:
    /// <code>
    /// w = w - rate * decay * w           (decoupled)
    /// g = gradient + decay * w           (otherwise)
    /// m = beta1 * m + (1 - beta1) * g
    /// v = beta2 * v + (1 - beta2) * g * g
    /// w = w - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
    /// </code>
    /// </summary>
    public abstract void Adam(
        Adam adam, float decay, long step, float rate, float* weights, float* gradients, float* means, float* squares, int length);

    /// <summary>
    /// Stochastic gradient descent with momentum, in PyTorch's form without dampening:
    /// <code>
    /// w = w - rate * decay * w           (decoupled)
    /// g = gradient + decay * w           (otherwise)
    /// b = momentum * b + g
    /// w = w - rate * b
    /// </code>
    /// </summary>
    public abstract void Sgd(Sgd sgd, float decay, float rate, float* weights, float* gradients, float* buffer, int length);
}

/// <summary><see cref="OptimizerKernel"/> at one vector width.</summary>
internal sealed unsafe class OptimizerKernel<TSimd, TVector> : OptimizerKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public override void Adam(
        Adam adam, float decay, long step, float rate, float* weights, float* gradients, float* means, float* squares, int length)
    {
        // 0.999f differs from 0.999. Converting by way of decimal gives the 1 - beta that PyTorch computes from the decimal literal.
        double beta1 = (double)(decimal)adam.Beta1;
        double beta2 = (double)(decimal)adam.Beta2;
        TVector keepMean = TSimd.Create((float)beta1);
        TVector takeMean = TSimd.Create((float)(1 - beta1));
        TVector keepSquare = TSimd.Create((float)beta2);
        TVector takeSquare = TSimd.Create((float)(1 - beta2));
        TVector root = TSimd.Create((float)Math.Sqrt(1 - Math.Pow(beta2, step)));
        TVector size = TSimd.Create((float)(-rate / (1 - Math.Pow(beta1, step))));
        TVector epsilon = TSimd.Create(adam.Epsilon);
        TVector added = TSimd.Create(adam.DecoupledWeightDecay ? 0 : decay);
        TVector keep = TSimd.Create(DecayFactor(adam, decay, rate));
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector weight = TSimd.Multiply(keep, TSimd.Load(weights + i));
            TVector gradient = TSimd.MultiplyAdd(added, weight, TSimd.Load(gradients + i));
            TVector mean = TSimd.MultiplyAdd(takeMean, gradient, TSimd.Multiply(keepMean, TSimd.Load(means + i)));
            TVector square = TSimd.MultiplyAdd(
                TSimd.Multiply(takeSquare, gradient), gradient, TSimd.Multiply(keepSquare, TSimd.Load(squares + i)));
            TVector divisor = TSimd.Add(TSimd.Divide(TSimd.Sqrt(square), root), epsilon);
            TSimd.Store(mean, means + i);
            TSimd.Store(square, squares + i);
            TSimd.Store(TSimd.MultiplyAdd(size, TSimd.Divide(mean, divisor), weight), weights + i);
        }
    }

    public override void Sgd(Sgd sgd, float decay, float rate, float* weights, float* gradients, float* buffer, int length)
    {
        TVector momentum = TSimd.Create(sgd.Momentum);
        TVector added = TSimd.Create(sgd.DecoupledWeightDecay ? 0 : decay);
        TVector keep = TSimd.Create(DecayFactor(sgd, decay, rate));
        TVector size = TSimd.Create(-rate);
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector weight = TSimd.Multiply(keep, TSimd.Load(weights + i));
            TVector gradient = TSimd.MultiplyAdd(added, weight, TSimd.Load(gradients + i));
            TVector moved = TSimd.MultiplyAdd(momentum, TSimd.Load(buffer + i), gradient);
            TSimd.Store(moved, buffer + i);
            TSimd.Store(TSimd.MultiplyAdd(size, moved, weight), weights + i);
        }
    }

    /// <summary>The factor of decoupled weight decay, computed in double precision as in PyTorch.</summary>
    private static float DecayFactor(Optimizer optimizer, float decay, float rate)
        => optimizer.DecoupledWeightDecay ? (float)(1 - (double)rate * decay) : 1;
}
