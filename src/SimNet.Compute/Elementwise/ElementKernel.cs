namespace SimNet.Compute;

/// <summary>
/// Elementwise activations and their gradients, sums and products. Lengths are rounded up to whole vectors, which buffers have room for.
/// All operations may run in place.
/// </summary>
internal abstract unsafe class ElementKernel
{
    /// <summary>Lengths of buffers are multiples of this number of values.</summary>
    public const int Multiple = 16;

    /// <summary>Applies an activation to each value.</summary>
    public abstract void Activate(Activation activation, float* values, float* result, int length);

    /// <summary>
    /// Computes the gradient of the activation's input; <paramref name="known"/> are its outputs if
    /// <see cref="Activation.GradientFromOutput"/>, otherwise its inputs.
    /// </summary>
    public abstract void ActivationBackward(Activation activation, float* known, float* gradients, float* result, int length);

    /// <summary>Computes left + right and applies the epilogue.</summary>
    public abstract void Add(float* left, float* right, float* result, int length, in Epilogue epilogue);

    /// <summary>Computes left * right and applies the epilogue.</summary>
    public abstract void Multiply(float* left, float* right, float* result, int length, in Epilogue epilogue);

    /// <summary>Adds values to <paramref name="target"/>.</summary>
    public abstract void Add(float* values, float* target, int length);
}

/// <summary><see cref="ElementKernel"/> at one vector width.</summary>
internal sealed unsafe class ElementKernel<TSimd, TVector> : ElementKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public override void Activate(Activation activation, float* values, float* result, int length)
    {
        if (activation.IsStandalone)
        {
            ActivateStandalone(activation, values, result, length);
            return;
        }

        if (activation.IsExponential)
        {
            for (int i = 0; i < length; i += TSimd.Count)
            {
                TSimd.Store(activation.ApplyExponential<TSimd, TVector>(TSimd.Load(values + i)), result + i);
            }

            return;
        }

        for (int i = 0; i < length; i += TSimd.Count)
        {
            TSimd.Store(activation.Apply<TSimd, TVector>(TSimd.Load(values + i)), result + i);
        }
    }

    public override void ActivationBackward(Activation activation, float* known, float* gradients, float* result, int length)
    {
        if (activation.IsStandalone)
        {
            StandaloneBackward(activation, known, gradients, result, length);
            return;
        }

        if (activation.IsSilu)
        {
            for (int i = 0; i < length; i += TSimd.Count)
            {
                TSimd.Store(Activation.GradientOfSilu<TSimd, TVector>(TSimd.Load(known + i), TSimd.Load(gradients + i)), result + i);
            }

            return;
        }

        for (int i = 0; i < length; i += TSimd.Count)
        {
            TSimd.Store(activation.Gradient<TSimd, TVector>(TSimd.Load(known + i), TSimd.Load(gradients + i)), result + i);
        }
    }

    public override void Add(float* left, float* right, float* result, int length, in Epilogue epilogue)
    {
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector sum = TSimd.Add(TSimd.Load(left + i), TSimd.Load(right + i));
            TSimd.Store(epilogue.Apply<TSimd, TVector>(result + i, sum), result + i);
        }
    }

    public override void Multiply(float* left, float* right, float* result, int length, in Epilogue epilogue)
    {
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector product = TSimd.Multiply(TSimd.Load(left + i), TSimd.Load(right + i));
            TSimd.Store(epilogue.Apply<TSimd, TVector>(result + i, product), result + i);
        }
    }

    public override void Add(float* values, float* target, int length)
    {
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TSimd.Store(TSimd.Add(TSimd.Load(target + i), TSimd.Load(values + i)), target + i);
        }
    }

    private static void ActivateStandalone(Activation activation, float* values, float* result, int length)
    {
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TSimd.Store(activation.ApplyStandalone<TSimd, TVector>(TSimd.Load(values + i)), result + i);
        }
    }

    private static void StandaloneBackward(Activation activation, float* inputs, float* gradients, float* result, int length)
    {
        for (int i = 0; i < length; i += TSimd.Count)
        {
            TVector gradient = activation.GradientOfStandalone<TSimd, TVector>(TSimd.Load(inputs + i), TSimd.Load(gradients + i));
            TSimd.Store(gradient, result + i);
        }
    }
}
