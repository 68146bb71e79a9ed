namespace SimNet.Compute;

/// <summary>The losses of one sample and their gradients.</summary>
internal abstract unsafe class LossKernel
{
    /// <summary>
    /// Number of loss terms of a sample, over which its loss is averaged: one for each value, or one for the whole sample.
    /// </summary>
    public static int TermCount(Loss loss, Shape output) => loss is CrossEntropy ? 1 : output.Length;

    /// <summary>
    /// The sum of the loss terms. If <paramref name="gradients"/> is not null, it receives their gradients times <paramref name="scale"/>.
    /// </summary>
    public abstract double Run(Loss loss, float* outputs, float* targets, int length, float scale, float* gradients);
}

/// <summary><see cref="LossKernel"/> at one vector width.</summary>
internal sealed unsafe class LossKernel<TSimd, TVector> : LossKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private const int Block = 1024;

    public override double Run(Loss loss, float* outputs, float* targets, int length, float scale, float* gradients)
    {
        if (loss is CrossEntropy softmax)
        {
            return SoftmaxCrossEntropy.Run(softmax, outputs, targets, length, scale, gradients);
        }

        double total = 0;
        for (int first = 0; first < length; first += Block)
        {
            int count = Math.Min(Block, length - first);
            int whole = count - count % TSimd.Count;
            float* to = gradients == null ? null : gradients + first;
            float* y = outputs + first;
            float* t = targets + first;
            float* rest = to == null ? null : to + whole;
            total += loss is MeanSquaredError
                ? SquaredError<TSimd, TVector>(y, t, whole, scale, to)
                    + SquaredError<SimdScalar, float>(y + whole, t + whole, count - whole, scale, rest)
                : BinaryCrossEntropy<TSimd, TVector>(y, t, whole, scale, to)
                    + BinaryCrossEntropy<SimdScalar, float>(y + whole, t + whole, count - whole, scale, rest);
        }

        return total;
    }

    private static double SquaredError<TS, TV>(float* outputs, float* targets, int length, float scale, float* gradients)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV total = default;
        TV factor = TS.Create(2 * scale);
        for (int i = 0; i < length; i += TS.Count)
        {
            TV difference = TS.Subtract(TS.Load(outputs + i), TS.Load(targets + i));
            total = TS.MultiplyAdd(difference, difference, total);
            if (gradients != null)
            {
                TS.Store(TS.Multiply(difference, factor), gradients + i);
            }
        }

        return TS.Sum(total);
    }

    private static double BinaryCrossEntropy<TS, TV>(float* outputs, float* targets, int length, float scale, float* gradients)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV total = default;
        TV one = TS.Create(1);
        TV minimum = TS.Create(-100);
        TV tiny = TS.Create(1e-12f);
        TV factor = TS.Create(scale);
        for (int i = 0; i < length; i += TS.Count)
        {
            TV output = TS.Load(outputs + i);
            TV target = TS.Load(targets + i);
            TV rest = TS.Subtract(one, output);
            TV logOutput = TS.Log(output);
            TV logRest = TS.Log(rest);
            logOutput = TS.SelectGreater(minimum, logOutput, minimum, logOutput);
            logRest = TS.SelectGreater(minimum, logRest, minimum, logRest);

            // Subtracts target * logOutput + (1 - target) * logRest. The logarithms and the divisor of the gradient are clamped as in
            // PyTorch.
            total = TS.Subtract(total, TS.Add(TS.Multiply(target, logOutput), TS.Multiply(TS.Subtract(one, target), logRest)));
            if (gradients != null)
            {
                TV divisor = TS.Multiply(rest, output);
                divisor = TS.SelectGreater(tiny, divisor, tiny, divisor);
                TS.Store(TS.Multiply(factor, TS.Divide(TS.Subtract(output, target), divisor)), gradients + i);
            }
        }

        return TS.Sum(total);
    }
}
