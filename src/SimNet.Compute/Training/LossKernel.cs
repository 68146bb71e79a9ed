namespace SimNet.Compute;

/// <summary>The losses and their gradients, for one sample.</summary>
internal abstract unsafe class LossKernel
{
    /// <summary>Number of losses that a sample has, over which it averages: one for each value, or one for the whole sample.</summary>
    public static int TermCount(Loss loss, Shape output) => loss is CrossEntropy ? 1 : output.Length;

    /// <summary>The sum of the values' losses; where <paramref name="gradients"/> is not null, it gets their gradients times <paramref name="scale"/>.</summary>
    public abstract double Run(Loss loss, float* outputs, float* targets, int length, float scale, float* gradients);
}

/// <summary><see cref="LossKernel"/> at one width.</summary>
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
            total += loss is MeanSquaredError
                ? SquaredError<TSimd, TVector>(outputs + first, targets + first, whole, scale, to)
                    + SquaredError<SimdScalar, float>(outputs + first + whole, targets + first + whole, count - whole, scale, to == null ? null : to + whole)
                : BinaryCrossEntropy<TSimd, TVector>(outputs + first, targets + first, whole, scale, to)
                    + BinaryCrossEntropy<SimdScalar, float>(outputs + first + whole, targets + first + whole, count - whole, scale, to == null ? null : to + whole);
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
        TV least = TS.Create(-100);
        TV tiny = TS.Create(1e-12f);
        TV factor = TS.Create(scale);
        for (int i = 0; i < length; i += TS.Count)
        {
            TV output = TS.Load(outputs + i);
            TV target = TS.Load(targets + i);
            TV rest = TS.Subtract(one, output);
            TV yes = TS.Log(output);
            TV no = TS.Log(rest);
            yes = TS.SelectGreater(least, yes, least, yes);
            no = TS.SelectGreater(least, no, least, no);

            // target yes + (1 - target) no, and the gradient's quotient held finite as PyTorch holds it.
            total = TS.Subtract(total, TS.Add(TS.Multiply(target, yes), TS.Multiply(TS.Subtract(one, target), no)));
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
