using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// The transforms of Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
/// 2015): 4x4 outputs of a 3x3 kernel with 36 multiplications instead of 144.
/// <code>
/// U = G g G^T;  V = B^T d B;  M = sum over channels of U * V, elementwise;  y = A^T M A
/// </code>
/// The backward pass is the transpose of each step, in reverse order:
/// <code>
/// dM = A dy A^T;  dU = V * dM, dg = G^T dU G;  dV = U * dM, dd = B dV B^T
/// </code>
/// The interpolation points are 0, +-sqrt(1/2), +-sqrt(2) and infinity (Alam et al., "Winograd Convolution for Deep Neural Networks:
/// Efficient Point Selection", 2022): the rounding error is half that of Lavin and Gray's 0, +-1, +-2 and infinity, and about twice that
/// of direct convolution. The 36 values of a transformed tile lie in 36 planes with adjacent channels, so that the elementwise products
/// summed over channels are one matrix product for each plane.
/// </summary>
internal abstract unsafe class WinogradKernel
{
    /// <summary>Height and width of a tile's output and of its input, and number of values of a transformed tile.</summary>
    public const int OutputSize = 4;
    public const int InputSize = 6;
    public const int Planes = InputSize * InputSize;

    /// <summary>The absolute values of the two pairs of finite interpolation points other than 0; their product is 1.</summary>
    protected const float Near = 0.70710678f;
    protected const float Far = 1.41421356f;

    /// <summary>The input transform V of one tile.</summary>
    /// <param name="source">The tile's first pixel; all 6x6 are read.</param>
    /// <param name="rowStride">Distance between consecutive rows, in values.</param>
    /// <param name="pixelStride">Distance between consecutive pixels, in values.</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="target">The tile's values in the first plane.</param>
    /// <param name="planeStride">Distance between consecutive planes, in values.</param>
    public abstract void Input(float* source, nint rowStride, nint pixelStride, int channels, float* target, nint planeStride);

    /// <summary>
    /// The output transform y of one tile, of which <paramref name="rows"/> x <paramref name="columns"/> pixels are written with the
    /// epilogue applied.
    /// </summary>
    public abstract void Output(
        float* source,
        nint planeStride,
        int channels,
        float* bias,
        in Epilogue epilogue,
        float* target,
        nint rowStride,
        nint pixelStride,
        int rows,
        int columns);

    /// <summary>
    /// The gradient dM of one tile, from <paramref name="rows"/> x <paramref name="columns"/> output gradients; the others count as zero.
    /// </summary>
    public abstract void OutputGradient(
        float* source, nint rowStride, nint pixelStride, int rows, int columns, int channels, float* target, nint planeStride);

    /// <summary>Adds the gradient dd of one tile to the gradient of its 6x6 inputs.</summary>
    public abstract void AddInputGradient(float* source, nint planeStride, int channels, float* target, nint rowStride, nint pixelStride);

    /// <summary>Adds the gradient dg of a row of adjacent filters to an accumulator, tap by tap.</summary>
    public abstract void AddFilterGradient(float* source, nint planeStride, int filters, float* target, nint tapStride);

    /// <summary>The filter transform U of one 3x3 filter.</summary>
    public static void Filter(float* filter, float* target, nint planeStride)
    {
        float* half = stackalloc float[3 * InputSize];
        for (int x = 0; x < 3; x++)
        {
            TransformLine(filter[x], filter[3 + x], filter[6 + x], half + x, 3);
        }

        for (int y = 0; y < InputSize; y++)
        {
            TransformLine(half[3 * y], half[3 * y + 1], half[3 * y + 2], target + y * InputSize * planeStride, planeStride);
        }

        static void TransformLine(float g0, float g1, float g2, float* target, nint stride)
        {
            float near = g0 + g2 / 2;
            float far = g0 + 2 * g2;
            target[0] = g0;
            target[stride] = (near + Near * g1) / -1.5f;
            target[2 * stride] = (near - Near * g1) / -1.5f;
            target[3 * stride] = (far + Far * g1) / 6;
            target[4 * stride] = (far - Far * g1) / 6;
            target[5 * stride] = g2;
        }
    }
}

/// <summary><see cref="WinogradKernel"/> at one vector width.</summary>
[SkipLocalsInit]
internal sealed unsafe class WinogradKernel<TSimd, TVector> : WinogradKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public override void Input(float* source, nint rowStride, nint pixelStride, int channels, float* target, nint planeStride)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            Input<TSimd, TVector>(source + c, rowStride, pixelStride, target + c, planeStride);
        }

        for (; c < channels; c++)
        {
            Input<SimdScalar, float>(source + c, rowStride, pixelStride, target + c, planeStride);
        }
    }

    public override void Output(
        float* source,
        nint planeStride,
        int channels,
        float* bias,
        in Epilogue epilogue,
        float* target,
        nint rowStride,
        nint pixelStride,
        int rows,
        int columns)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            Output<TSimd, TVector>(source + c, planeStride, bias + c, epilogue, target + c, rowStride, pixelStride, rows, columns);
        }

        for (; c < channels; c++)
        {
            Output<SimdScalar, float>(source + c, planeStride, bias + c, epilogue, target + c, rowStride, pixelStride, rows, columns);
        }
    }

    public override void OutputGradient(
        float* source, nint rowStride, nint pixelStride, int rows, int columns, int channels, float* target, nint planeStride)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            OutputGradient<TSimd, TVector>(source + c, rowStride, pixelStride, rows, columns, target + c, planeStride);
        }

        for (; c < channels; c++)
        {
            OutputGradient<SimdScalar, float>(source + c, rowStride, pixelStride, rows, columns, target + c, planeStride);
        }
    }

    public override void AddInputGradient(float* source, nint planeStride, int channels, float* target, nint rowStride, nint pixelStride)
    {
        int c = 0;
        for (; c + TSimd.Count <= channels; c += TSimd.Count)
        {
            AddInputGradient<TSimd, TVector>(source + c, planeStride, target + c, rowStride, pixelStride);
        }

        for (; c < channels; c++)
        {
            AddInputGradient<SimdScalar, float>(source + c, planeStride, target + c, rowStride, pixelStride);
        }
    }

    public override void AddFilterGradient(float* source, nint planeStride, int filters, float* target, nint tapStride)
    {
        int f = 0;
        for (; f + TSimd.Count <= filters; f += TSimd.Count)
        {
            AddFilterGradient<TSimd, TVector>(source + f, planeStride, target + f, tapStride);
        }

        for (; f < filters; f++)
        {
            AddFilterGradient<SimdScalar, float>(source + f, planeStride, target + f, tapStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Input<TS, TV>(float* source, nint rowStride, nint pixelStride, float* target, nint planeStride)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        float* buffer = stackalloc float[Planes * TS.Count + 16];
        float* half = Aligned(buffer);
        for (int x = 0; x < InputSize; x++)
        {
            InputLine<TS, TV>(source + x * pixelStride, rowStride, half + x * TS.Count, InputSize * TS.Count);
        }

        for (int y = 0; y < InputSize; y++)
        {
            InputLine<TS, TV>(half + y * InputSize * TS.Count, TS.Count, target, planeStride);
            target += InputSize * planeStride;
        }
    }

    /// <summary>Multiplies six values by B^T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputLine<TS, TV>(float* from, nint step, float* to, nint stride)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV minusHalf = TS.Create(-0.5f);
        TV minusTwo = TS.Create(-2);
        TV minusSum = TS.Create(-2.5f);
        TV d0 = TS.Load(from);
        TV d1 = TS.Load(from + step);
        TV d2 = TS.Load(from + 2 * step);
        TV d3 = TS.Load(from + 3 * step);
        TV d4 = TS.Load(from + 4 * step);
        TV d5 = TS.Load(from + 5 * step);
        TV nearEven = TS.MultiplyAdd(minusTwo, d2, d4);
        TV nearOdd = TS.MultiplyAdd(minusTwo, d1, d3);
        TV farEven = TS.MultiplyAdd(minusHalf, d2, d4);
        TV farOdd = TS.MultiplyAdd(minusHalf, d1, d3);
        TS.Store(TS.MultiplyAdd(minusSum, d2, TS.Add(d0, d4)), to);
        TS.Store(TS.MultiplyAdd(TS.Create(Near), nearOdd, nearEven), to + stride);
        TS.Store(TS.MultiplyAdd(TS.Create(-Near), nearOdd, nearEven), to + 2 * stride);
        TS.Store(TS.MultiplyAdd(TS.Create(Far), farOdd, farEven), to + 3 * stride);
        TS.Store(TS.MultiplyAdd(TS.Create(-Far), farOdd, farEven), to + 4 * stride);
        TS.Store(TS.MultiplyAdd(minusSum, d3, TS.Add(d1, d5)), to + 5 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Output<TS, TV>(
        float* source,
        nint planeStride,
        float* bias,
        in Epilogue epilogue,
        float* target,
        nint rowStride,
        nint pixelStride,
        int rows,
        int columns)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        float* buffer = stackalloc float[OutputSize * InputSize * TS.Count + 16];
        float* half = Aligned(buffer);
        for (int x = 0; x < InputSize; x++)
        {
            float* from = source + x * planeStride;
            nint step = InputSize * planeStride;
            OutputLine<TS, TV>(
                from, step, TS.Load(from), default, out TV y0, out TV y1, out TV y2, out TV y3);
            TS.Store(y0, half + x * TS.Count);
            TS.Store(y1, half + (InputSize + x) * TS.Count);
            TS.Store(y2, half + (2 * InputSize + x) * TS.Count);
            TS.Store(y3, half + (3 * InputSize + x) * TS.Count);
        }

        TV biases = TS.Load(bias);
        for (int y = 0; y < rows; y++)
        {
            float* from = half + y * InputSize * TS.Count;
            OutputLine<TS, TV>(
                from, TS.Count, TS.Add(TS.Load(from), biases), biases, out TV y0, out TV y1, out TV y2, out TV y3);
            float* to = target + y * rowStride;
            TS.Store(epilogue.Apply<TS, TV>(to, y0), to);
            if (columns > 1)
            {
                to += pixelStride;
                TS.Store(epilogue.Apply<TS, TV>(to, y1), to);
            }

            if (columns > 2)
            {
                to += pixelStride;
                TS.Store(epilogue.Apply<TS, TV>(to, y2), to);
            }

            if (columns > 3)
            {
                to += pixelStride;
                TS.Store(epilogue.Apply<TS, TV>(to, y3), to);
            }
        }
    }

    /// <summary>Multiplies six values by A^T and adds a constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputLine<TS, TV>(float* from, nint step, TV m0, TV constant, out TV y0, out TV y1, out TV y2, out TV y3)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV m1 = TS.Load(from + step);
        TV m2 = TS.Load(from + 2 * step);
        TV m3 = TS.Load(from + 3 * step);
        TV m4 = TS.Load(from + 4 * step);
        TV nearEven = TS.Add(m1, m2);
        TV nearOdd = TS.Subtract(m1, m2);
        TV farEven = TS.Add(m3, m4);
        TV farOdd = TS.Subtract(m3, m4);
        y0 = TS.Add(TS.Add(m0, nearEven), farEven);
        y1 = TS.MultiplyAdd(TS.Create(Far), farOdd, TS.MultiplyAdd(TS.Create(Near), nearOdd, constant));
        y2 = TS.MultiplyAdd(TS.Create(2), farEven, TS.MultiplyAdd(TS.Create(0.5f), nearEven, constant));
        y3 = TS.MultiplyAdd(
            TS.Create(2 * Far), farOdd, TS.MultiplyAdd(TS.Create(Near / 2), nearOdd, TS.Add(TS.Load(from + 5 * step), constant)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OutputGradient<TS, TV>(
        float* source, nint rowStride, nint pixelStride, int rows, int columns, float* target, nint planeStride)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        float* buffer = stackalloc float[OutputSize * InputSize * TS.Count + 16];
        float* half = Aligned(buffer);
        for (int x = 0; x < OutputSize; x++)
        {
            float* from = source + x * pixelStride;
            bool inside = x < columns;
            OutputGradientLine<TS, TV>(
                inside ? TS.Load(from) : default,
                inside && rows > 1 ? TS.Load(from + rowStride) : default,
                inside && rows > 2 ? TS.Load(from + 2 * rowStride) : default,
                inside && rows > 3 ? TS.Load(from + 3 * rowStride) : default,
                half + x * TS.Count,
                OutputSize * TS.Count);
        }

        for (int y = 0; y < InputSize; y++)
        {
            float* from = half + y * OutputSize * TS.Count;
            OutputGradientLine<TS, TV>(
                TS.Load(from), TS.Load(from + TS.Count), TS.Load(from + 2 * TS.Count), TS.Load(from + 3 * TS.Count), target, planeStride);
            target += InputSize * planeStride;
        }
    }

    /// <summary>Multiplies four values by A.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputGradientLine<TS, TV>(TV y0, TV y1, TV y2, TV y3, float* to, nint stride)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV half = TS.Create(0.5f);
        TV two = TS.Create(2);
        TV nearEven = TS.MultiplyAdd(half, y2, y0);
        TV nearOdd = TS.MultiplyAdd(half, y3, y1);
        TV farEven = TS.MultiplyAdd(two, y2, y0);
        TV farOdd = TS.MultiplyAdd(two, y3, y1);
        TS.Store(y0, to);
        TS.Store(TS.MultiplyAdd(TS.Create(Near), nearOdd, nearEven), to + stride);
        TS.Store(TS.MultiplyAdd(TS.Create(-Near), nearOdd, nearEven), to + 2 * stride);
        TS.Store(TS.MultiplyAdd(TS.Create(Far), farOdd, farEven), to + 3 * stride);
        TS.Store(TS.MultiplyAdd(TS.Create(-Far), farOdd, farEven), to + 4 * stride);
        TS.Store(y3, to + 5 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddInputGradient<TS, TV>(float* source, nint planeStride, float* target, nint rowStride, nint pixelStride)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        float* buffer = stackalloc float[Planes * TS.Count + 16];
        float* half = Aligned(buffer);
        for (int x = 0; x < InputSize; x++)
        {
            InputGradientLine<TS, TV>(
                source + x * planeStride, InputSize * planeStride, half + x * TS.Count, InputSize * TS.Count, add: false);
        }

        for (int y = 0; y < InputSize; y++)
        {
            InputGradientLine<TS, TV>(half + y * InputSize * TS.Count, TS.Count, target + y * rowStride, pixelStride, add: true);
        }
    }

    /// <summary>Multiplies six values by B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputGradientLine<TS, TV>(float* from, nint step, float* to, nint stride, bool add)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV minusSum = TS.Create(-2.5f);
        TV t0 = TS.Load(from);
        TV t1 = TS.Load(from + step);
        TV t2 = TS.Load(from + 2 * step);
        TV t3 = TS.Load(from + 3 * step);
        TV t4 = TS.Load(from + 4 * step);
        TV t5 = TS.Load(from + 5 * step);
        TV nearEven = TS.Add(t1, t2);
        TV nearOdd = TS.Subtract(t1, t2);
        TV farEven = TS.Add(t3, t4);
        TV farOdd = TS.Subtract(t3, t4);
        Put<TS, TV>(t0, to, add);
        Put<TS, TV>(TS.MultiplyAdd(TS.Create(-Far), nearOdd, TS.MultiplyAdd(TS.Create(-Near), farOdd, t5)), to + stride, add);
        Put<TS, TV>(
            TS.MultiplyAdd(minusSum, t0, TS.MultiplyAdd(TS.Create(-2), nearEven, TS.Multiply(TS.Create(-0.5f), farEven))),
            to + 2 * stride,
            add);
        Put<TS, TV>(
            TS.MultiplyAdd(minusSum, t5, TS.MultiplyAdd(TS.Create(Near), nearOdd, TS.Multiply(TS.Create(Far), farOdd))),
            to + 3 * stride,
            add);
        Put<TS, TV>(TS.Add(TS.Add(t0, nearEven), farEven), to + 4 * stride, add);
        Put<TS, TV>(t5, to + 5 * stride, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFilterGradient<TS, TV>(float* source, nint planeStride, float* target, nint tapStride)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        float* buffer = stackalloc float[3 * InputSize * TS.Count + 16];
        float* half = Aligned(buffer);
        for (int x = 0; x < InputSize; x++)
        {
            FilterGradientLine<TS, TV>(
                source + x * planeStride, InputSize * planeStride, half + x * TS.Count, InputSize * TS.Count, add: false);
        }

        for (int y = 0; y < 3; y++)
        {
            FilterGradientLine<TS, TV>(half + y * InputSize * TS.Count, TS.Count, target + 3 * y * tapStride, tapStride, add: true);
        }
    }

    /// <summary>Multiplies six values by G^T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FilterGradientLine<TS, TV>(float* from, nint step, float* to, nint stride, bool add)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV u1 = TS.Load(from + step);
        TV u2 = TS.Load(from + 2 * step);
        TV u3 = TS.Load(from + 3 * step);
        TV u4 = TS.Load(from + 4 * step);
        TV nearEven = TS.Add(u1, u2);
        TV nearOdd = TS.Subtract(u1, u2);
        TV farEven = TS.Add(u3, u4);
        TV farOdd = TS.Subtract(u3, u4);
        Put<TS, TV>(TS.MultiplyAdd(TS.Create(-1 / 1.5f), nearEven, TS.MultiplyAdd(TS.Create(1 / 6f), farEven, TS.Load(from))), to, add);
        Put<TS, TV>(TS.MultiplyAdd(TS.Create(-Near / 1.5f), nearOdd, TS.Multiply(TS.Create(Far / 6), farOdd)), to + stride, add);
        Put<TS, TV>(
            TS.MultiplyAdd(TS.Create(-1 / 3f), nearEven, TS.MultiplyAdd(TS.Create(1 / 3f), farEven, TS.Load(from + 5 * step))),
            to + 2 * stride,
            add);
    }

    /// <summary>The first address that is a multiple of 64 bytes, so that no vector spans two cache lines.</summary>
    private static float* Aligned(float* values) => (float*)((nint)values + 63 & ~63);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TS, TV>(TV value, float* to, bool add)
        where TS : struct, ISimd<TV>
        where TV : struct
        => TS.Store(add ? TS.Add(TS.Load(to), value) : value, to);
}
