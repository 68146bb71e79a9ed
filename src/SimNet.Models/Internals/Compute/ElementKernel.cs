namespace SimNet.Models;

/// <summary>
/// Activations, their gradients, and sums, value by value. Lengths are rounded up to whole vectors: buffers end on one.
/// In place is allowed everywhere.
/// </summary>
internal abstract unsafe class ElementKernel
{
    /// <summary>Lengths of buffers are multiples of this.</summary>
    public const int Multiple = 16;

    /// <summary>value where positive, slope * value elsewhere; NaN stays NaN. Slope 0 is ReLU.</summary>
    public abstract void LeakyRelu(float* values, float* result, int length, float slope);

    /// <summary>gradient where <paramref name="signs"/> (the layer's input, or its output where the slope is not negative) is positive, slope * gradient elsewhere.</summary>
    public abstract void LeakyReluBackward(float* signs, float* gradients, float* result, int length, float slope);

    /// <summary>1 / (1 + exp(-value)).</summary>
    public abstract void Sigmoid(float* values, float* result, int length);

    /// <summary>gradient * output * (1 - output).</summary>
    public abstract void SigmoidBackward(float* outputs, float* gradients, float* result, int length);

    /// <summary>Adds to <paramref name="target"/>.</summary>
    public abstract void Add(float* values, float* target, int length);
}

/// <summary><see cref="ElementKernel"/> at one width.</summary>
internal sealed unsafe class ElementKernel<TSimd, TVector> : ElementKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public override void LeakyRelu(float* values, float* result, int length, float slope)
    {
        TVector zero = default;
        TVector slopes = TSimd.Create(slope);
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector value = TSimd.Load(values + i);

            // 0 times minus infinity would be NaN.
            TVector small = slope == 0 ? zero : TSimd.Multiply(value, slopes);
            TSimd.Store(TSimd.SelectGreater(zero, value, small, value), result + i);
        }
    }

    public override void LeakyReluBackward(float* signs, float* gradients, float* result, int length, float slope)
    {
        TVector zero = default;
        TVector slopes = TSimd.Create(slope);
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector gradient = TSimd.Load(gradients + i);
            TVector small = slope == 0 ? zero : TSimd.Multiply(gradient, slopes);
            TSimd.Store(TSimd.SelectGreater(TSimd.Load(signs + i), zero, gradient, small), result + i);
        }
    }

    public override void Sigmoid(float* values, float* result, int length)
    {
        TVector zero = default;
        TVector one = TSimd.Create(1);
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector value = TSimd.Load(values + i);
            TSimd.Store(TSimd.Divide(one, TSimd.Add(one, TSimd.Exp(TSimd.Subtract(zero, value)))), result + i);
        }
    }

    public override void SigmoidBackward(float* outputs, float* gradients, float* result, int length)
    {
        TVector one = TSimd.Create(1);
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector output = TSimd.Load(outputs + i);
            TVector slope = TSimd.Multiply(output, TSimd.Subtract(one, output));
            TSimd.Store(TSimd.Multiply(TSimd.Load(gradients + i), slope), result + i);
        }
    }

    public override void Add(float* values, float* target, int length)
    {
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TSimd.Store(TSimd.Add(TSimd.Load(target + i), TSimd.Load(values + i)), target + i);
        }
    }
}
