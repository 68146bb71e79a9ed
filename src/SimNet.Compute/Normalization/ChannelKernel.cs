namespace SimNet.Compute;

/// <summary>
/// Operations on each channel of one channels-last sample: sums, and the statistics and gradients of batch norm. Sums of up to
/// <see cref="Block"/> pixels are in single precision, sums of blocks in double precision, so that the error does not grow with size.
/// </summary>
internal abstract unsafe class ChannelKernel
{
    protected const int Block = 256;

    /// <summary>
    /// Adds each channel's sum over the pixels, which are <paramref name="stride"/> values apart, to <paramref name="sums"/>.
    /// </summary>
    public abstract void AddSums(float* values, int pixels, int channels, int stride, float* sums);

    /// <summary>
    /// Computes the statistics of one sample in two passes: <paramref name="means"/> receives the mean of each channel and
    /// <paramref name="squares"/> the sum of squared differences from it.
    /// </summary>
    public abstract void Moments(float* values, int pixels, int channels, double* means, double* squares);

    /// <summary>
    /// Computes (value - center) * scale + shift for each channel and applies the epilogue. Pixels are <paramref name="valueStride"/> and
    /// <paramref name="resultStride"/> values apart. May run in place.
    /// </summary>
    public abstract void Normalize(
        float* values,
        int valueStride,
        float* result,
        int resultStride,
        int pixels,
        int channels,
        float* center,
        float* scale,
        float* shift,
        in Epilogue epilogue);

    /// <summary>Computes value * factor, with a factor for each channel, and applies the epilogue. May run in place.</summary>
    public abstract void Scale(float* values, float* factors, float* result, int pixels, int channels, in Epilogue epilogue);

    /// <summary>
    /// Computes value * factor where <paramref name="signs"/> is not positive, and the value elsewhere, with a factor for each channel. May
    /// run in place.
    /// </summary>
    public abstract void ScaleNegative(float* signs, float* values, float* factors, float* result, int pixels, int channels);

    /// <summary>Adds each channel's sum of left * right over the pixels where left is not positive to <paramref name="sums"/>.</summary>
    public abstract void AddNegativeProducts(float* left, float* right, int pixels, int channels, float* sums);

    /// <summary>Adds each channel's sum of left * right over the pixels to <paramref name="sums"/>.</summary>
    public abstract void AddProducts(float* left, float* right, int pixels, int channels, float* sums);

    /// <summary>
    /// Adds each channel's sums of gradient and of gradient * (value - center) to the sums. The gradients' pixels are
    /// <paramref name="stride"/> values apart.
    /// </summary>
    public abstract void AddGradientSums(
        float* values, float* gradients, int stride, int pixels, int channels, float* center, double* sums, double* products);

    /// <summary>
    /// Computes the input gradient of batch norm, scale * (gradient - mean - (value - center) * slope) for each channel. The gradients'
    /// pixels are <paramref name="stride"/> values apart.
    /// </summary>
    public abstract void NormalizeBackward(
        float* values,
        float* gradients,
        int stride,
        float* result,
        int pixels,
        int channels,
        float* center,
        float* scale,
        float* mean,
        float* slope);
}

/// <summary><see cref="ChannelKernel"/> at one vector width.</summary>
internal sealed unsafe class ChannelKernel<TSimd, TVector> : ChannelKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public override void AddSums(float* values, int pixels, int channels, int stride, float* sums)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            AddSums<TSimd, TVector>(values + c, pixels, stride, sums + c);
        }

        for (; c < channels; c++)
        {
            AddSums<SimdScalar, float>(values + c, pixels, stride, sums + c);
        }
    }

    public override void Moments(float* values, int pixels, int channels, double* means, double* squares)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            Moments<TSimd, TVector>(values + c, pixels, channels, means + c, squares + c);
        }

        for (; c < channels; c++)
        {
            Moments<SimdScalar, float>(values + c, pixels, channels, means + c, squares + c);
        }
    }

    public override void Normalize(
        float* values,
        int valueStride,
        float* result,
        int resultStride,
        int pixels,
        int channels,
        float* center,
        float* scale,
        float* shift,
        in Epilogue epilogue)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            Normalize<TSimd, TVector>(
                values + c, valueStride, result + c, resultStride, pixels, center + c, scale + c, shift + c, epilogue);
        }

        for (; c < channels; c++)
        {
            Normalize<SimdScalar, float>(
                values + c, valueStride, result + c, resultStride, pixels, center + c, scale + c, shift + c, epilogue);
        }
    }

    public override void Scale(float* values, float* factors, float* result, int pixels, int channels, in Epilogue epilogue)
    {
        for (int i = pixels; i > 0; i--)
        {
            int c = 0;
            for (; c + TSimd.Count <= channels; c += TSimd.Count)
            {
                TVector product = TSimd.Multiply(TSimd.Load(values + c), TSimd.Load(factors + c));
                TSimd.Store(epilogue.Apply<TSimd, TVector>(result + c, product), result + c);
            }

            for (; c < channels; c++)
            {
                result[c] = epilogue.Apply<SimdScalar, float>(result + c, values[c] * factors[c]);
            }

            values += channels;
            result += channels;
        }
    }

    public override void ScaleNegative(float* signs, float* values, float* factors, float* result, int pixels, int channels)
    {
        for (int i = pixels; i > 0; i--)
        {
            int c = 0;
            for (; c + TSimd.Count <= channels; c += TSimd.Count)
            {
                ScaleNegative<TSimd, TVector>(signs + c, values + c, factors + c, result + c);
            }

            for (; c < channels; c++)
            {
                ScaleNegative<SimdScalar, float>(signs + c, values + c, factors + c, result + c);
            }

            signs += channels;
            values += channels;
            result += channels;
        }
    }

    public override void AddNegativeProducts(float* left, float* right, int pixels, int channels, float* sums)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            AddNegativeProducts<TSimd, TVector>(left + c, right + c, pixels, channels, sums + c);
        }

        for (; c < channels; c++)
        {
            AddNegativeProducts<SimdScalar, float>(left + c, right + c, pixels, channels, sums + c);
        }
    }

    public override void AddProducts(float* left, float* right, int pixels, int channels, float* sums)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            AddProducts<TSimd, TVector>(left + c, right + c, pixels, channels, sums + c);
        }

        for (; c < channels; c++)
        {
            AddProducts<SimdScalar, float>(left + c, right + c, pixels, channels, sums + c);
        }
    }

    public override void AddGradientSums(
        float* values, float* gradients, int stride, int pixels, int channels, float* center, double* sums, double* products)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            AddGradientSums<TSimd, TVector>(values + c, gradients + c, stride, pixels, channels, center + c, sums + c, products + c);
        }

        for (; c < channels; c++)
        {
            AddGradientSums<SimdScalar, float>(values + c, gradients + c, stride, pixels, channels, center + c, sums + c, products + c);
        }
    }

    public override void NormalizeBackward(
        float* values,
        float* gradients,
        int stride,
        float* result,
        int pixels,
        int channels,
        float* center,
        float* scale,
        float* mean,
        float* slope)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            NormalizeBackward<TSimd, TVector>(
                values + c, gradients + c, stride, result + c, pixels, channels, center + c, scale + c, mean + c, slope + c);
        }

        for (; c < channels; c++)
        {
            NormalizeBackward<SimdScalar, float>(
                values + c, gradients + c, stride, result + c, pixels, channels, center + c, scale + c, mean + c, slope + c);
        }
    }

    private static void AddSums<TS, TV>(float* values, int pixels, int stride, float* sums)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        double* totals = stackalloc double[TS.Count];
        new Span<double>(totals, TS.Count).Clear();
        for (int first = 0; first < pixels; first += Block)
        {
            TV sum = default;
            float* at = values + (nint)first * stride;
            for (int i = Math.Min(Block, pixels - first); i > 0; i--)
            {
                sum = TS.Add(sum, TS.Load(at));
                at += stride;
            }

            AddTo<TS, TV>(totals, sum);
        }

        for (int i = 0; i < TS.Count; i++)
        {
            sums[i] += (float)totals[i];
        }
    }

    private static void ScaleNegative<TS, TV>(float* signs, float* values, float* factors, float* result)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV value = TS.Load(values);
        TS.Store(TS.SelectGreater(TS.Load(signs), default, value, TS.Multiply(value, TS.Load(factors))), result);
    }

    private static void AddNegativeProducts<TS, TV>(float* left, float* right, int pixels, int channels, float* sums)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        double* totals = stackalloc double[TS.Count];
        new Span<double>(totals, TS.Count).Clear();
        for (int first = 0; first < pixels; first += Block)
        {
            TV sum = default;
            nint at = (nint)first * channels;
            for (int i = Math.Min(Block, pixels - first); i > 0; i--)
            {
                TV value = TS.Load(left + at);
                sum = TS.MultiplyAdd(TS.SelectGreater(value, default, default, value), TS.Load(right + at), sum);
                at += channels;
            }

            AddTo<TS, TV>(totals, sum);
        }

        for (int i = 0; i < TS.Count; i++)
        {
            sums[i] += (float)totals[i];
        }
    }

    private static void AddProducts<TS, TV>(float* left, float* right, int pixels, int channels, float* sums)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        double* totals = stackalloc double[TS.Count];
        new Span<double>(totals, TS.Count).Clear();
        for (int first = 0; first < pixels; first += Block)
        {
            TV sum = default;
            nint at = (nint)first * channels;
            for (int i = Math.Min(Block, pixels - first); i > 0; i--)
            {
                sum = TS.MultiplyAdd(TS.Load(left + at), TS.Load(right + at), sum);
                at += channels;
            }

            AddTo<TS, TV>(totals, sum);
        }

        for (int i = 0; i < TS.Count; i++)
        {
            sums[i] += (float)totals[i];
        }
    }

    private static void Moments<TS, TV>(float* values, int pixels, int channels, double* means, double* squares)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        float* rounded = stackalloc float[TS.Count];
        double* errors = stackalloc double[TS.Count];
        new Span<double>(means, TS.Count).Clear();
        for (int first = 0; first < pixels; first += Block)
        {
            TV sum = default;
            float* at = values + (nint)first * channels;
            for (int i = Math.Min(Block, pixels - first); i > 0; i--)
            {
                sum = TS.Add(sum, TS.Load(at));
                at += channels;
            }

            AddTo<TS, TV>(means, sum);
        }

        for (int i = 0; i < TS.Count; i++)
        {
            rounded[i] = (float)(means[i] / pixels);
        }

        // The second pass also sums the differences, which corrects the rounding error of the first (the corrected two-pass algorithm).
        new Span<double>(squares, TS.Count).Clear();
        new Span<double>(errors, TS.Count).Clear();
        TV mean = TS.Load(rounded);
        for (int first = 0; first < pixels; first += Block)
        {
            TV sum = default;
            TV square = default;
            float* at = values + (nint)first * channels;
            for (int i = Math.Min(Block, pixels - first); i > 0; i--)
            {
                TV difference = TS.Subtract(TS.Load(at), mean);
                sum = TS.Add(sum, difference);
                square = TS.MultiplyAdd(difference, difference, square);
                at += channels;
            }

            AddTo<TS, TV>(errors, sum);
            AddTo<TS, TV>(squares, square);
        }

        for (int i = 0; i < TS.Count; i++)
        {
            means[i] = rounded[i] + errors[i] / pixels;
            squares[i] -= errors[i] * errors[i] / pixels;
        }
    }

    private static void Normalize<TS, TV>(
        float* values,
        int valueStride,
        float* result,
        int resultStride,
        int pixels,
        float* center,
        float* scale,
        float* shift,
        in Epilogue epilogue)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV centers = TS.Load(center);
        TV scales = TS.Load(scale);
        TV shifts = TS.Load(shift);
        for (int i = pixels; i > 0; i--)
        {
            TS.Store(epilogue.Apply<TS, TV>(result, TS.MultiplyAdd(TS.Subtract(TS.Load(values), centers), scales, shifts)), result);
            values += valueStride;
            result += resultStride;
        }
    }

    private static void AddGradientSums<TS, TV>(
        float* values, float* gradients, int stride, int pixels, int channels, float* center, double* sums, double* products)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV centers = TS.Load(center);
        for (int first = 0; first < pixels; first += Block)
        {
            TV sum = default;
            TV product = default;
            for (int i = Math.Min(Block, pixels - first); i > 0; i--)
            {
                TV gradient = TS.Load(gradients);
                sum = TS.Add(sum, gradient);
                product = TS.MultiplyAdd(gradient, TS.Subtract(TS.Load(values), centers), product);
                values += channels;
                gradients += stride;
            }

            AddTo<TS, TV>(sums, sum);
            AddTo<TS, TV>(products, product);
        }
    }

    private static void NormalizeBackward<TS, TV>(
        float* values,
        float* gradients,
        int stride,
        float* result,
        int pixels,
        int channels,
        float* center,
        float* scale,
        float* mean,
        float* slope)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV centers = TS.Load(center);
        TV scales = TS.Load(scale);
        TV means = TS.Load(mean);
        TV slopes = TS.Load(slope);
        for (int i = pixels; i > 0; i--)
        {
            TV distance = TS.Multiply(TS.Subtract(TS.Load(values), centers), slopes);
            TV gradient = TS.Subtract(TS.Load(gradients), means);
            TS.Store(TS.Multiply(TS.Subtract(gradient, distance), scales), result);
            values += channels;
            gradients += stride;
            result += channels;
        }
    }

    private static void AddTo<TS, TV>(double* totals, TV values)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        float* lanes = stackalloc float[TS.Count];
        TS.Store(values, lanes);
        for (int i = 0; i < TS.Count; i++)
        {
            totals[i] += lanes[i];
        }
    }
}
