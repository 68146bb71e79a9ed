using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>
/// The matrix product A·Bᵀ of float rows (GEMM), with B packed in panels of 32 rows. Each element of the result is accumulated over the
/// common dimension in order, with fused multiply-add, so that every vector width gives the same bits.
/// </summary>
/// <remarks>
/// A panel stores its 32 rows dimension by dimension: 100 kB for 784 dimensions, which stays in the L2 cache while the rows of A stream
/// through. The innermost loop keeps 8 x 32 accumulators in 16 registers of 512 bits.
/// </remarks>
internal static unsafe class GemmKernel
{
    /// <summary>The number of rows of B in a panel.</summary>
    public const int PanelRows = 32;

    private const int TileRows = 8;

    // 3 x 32 sums in 12 of the 16 registers of 256 bits.
    private const int TileRows256 = 3;

    /// <summary>Packs up to 32 rows into a panel; missing rows become zero.</summary>
    /// <param name="b">The first row.</param>
    /// <param name="rows">The number of rows; at most <see cref="PanelRows"/>.</param>
    /// <param name="stride">The distance between the starts of two rows, in components.</param>
    /// <param name="length">The number of dimensions.</param>
    /// <param name="panel">Receives <paramref name="length"/> times 32 components.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* b, int rows, int stride, int length, float* panel)
    {
        for (int d = 0; d < length; d++, panel += PanelRows)
        {
            for (int row = 0; row < PanelRows; row++)
            {
                panel[row] = row < rows ? b[((long)row * stride) + d] : 0;
            }
        }
    }

    /// <summary>Multiplies rows of A with one panel, with the widest vectors that the processor supports.</summary>
    /// <param name="a">The first row of A.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="stride">The distance between the starts of two rows, in components.</param>
    /// <param name="panel">A panel packed by <see cref="Pack"/>.</param>
    /// <param name="length">The number of dimensions.</param>
    /// <param name="c">Receives 32 products for each row of A.</param>
    /// <param name="resultStride">The distance between the results of two rows; at least 32.</param>
    public static void Compute(float* a, int rows, int stride, float* panel, int length, float* c, int resultStride) => Compute(
        a, rows, stride, panel, length, c, resultStride,
        (VectorWidth)VectorSupport.Bits);

    /// <summary>Multiplies with a given vector width.</summary>
    public static void Compute(float* a, int rows, int stride, float* panel, int length, float* c, int resultStride, VectorWidth width)
    {
        int row = 0;
        if (width == VectorWidth.Bits512)
        {
            for (; row <= rows - TileRows; row += TileRows)
            {
                Tile512(a + ((long)row * stride), stride, panel, length, c + ((long)row * resultStride), resultStride);
            }
        }

        if (width == VectorWidth.Bits256)
        {
            for (; row <= rows - TileRows256; row += TileRows256)
            {
                Tile256(a + ((long)row * stride), stride, panel, length, c + ((long)row * resultStride), resultStride);
            }
        }

        for (; row < rows; row++)
        {
            float* one = a + ((long)row * stride), result = c + ((long)row * resultStride);
            switch (width)
            {
                case VectorWidth.Bits512:
                    Row512(one, panel, length, result);
                    break;
                case VectorWidth.Bits256:
                    Row256(one, panel, length, result);
                    break;
                case VectorWidth.Bits128:
                    Row128(one, panel, length, result);
                    break;
                default:
                    RowScalar(one, panel, length, result);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile512(float* a, int stride, float* panel, int length, float* c, int resultStride)
    {
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default;
        Vector512<float> c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default, c50 = default, c51 = default;
        Vector512<float> c60 = default, c61 = default, c70 = default, c71 = default;
        float* a3 = a + (3L * stride), a6 = a3 + (3L * stride);
        for (int d = 0; d < length; d++, panel += PanelRows)
        {
            Vector512<float> b0 = Vector512.Load(panel), b1 = Vector512.Load(panel + 16);
            Vector512<float> x = Vector512.Create(a[d]);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            x = Vector512.Create((a + stride)[d]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            x = Vector512.Create((a3 - stride)[d]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            x = Vector512.Create(a3[d]);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            x = Vector512.Create((a3 + stride)[d]);
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            x = Vector512.Create((a6 - stride)[d]);
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
            x = Vector512.Create(a6[d]);
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(x, b1, c61);
            x = Vector512.Create((a6 + stride)[d]);
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(x, b1, c71);
        }

        Store512(c00, c01, c);
        Store512(c10, c11, c += resultStride);
        Store512(c20, c21, c += resultStride);
        Store512(c30, c31, c += resultStride);
        Store512(c40, c41, c += resultStride);
        Store512(c50, c51, c += resultStride);
        Store512(c60, c61, c += resultStride);
        Store512(c70, c71, c + resultStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store512(Vector512<float> low, Vector512<float> high, float* target)
    {
        low.Store(target);
        high.Store(target + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row512(float* a, float* panel, int length, float* c)
    {
        Vector512<float> c0 = default, c1 = default;
        for (int d = 0; d < length; d++, panel += PanelRows)
        {
            Vector512<float> x = Vector512.Create(a[d]);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(panel), c0);
            c1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(panel + 16), c1);
        }

        Store512(c0, c1, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile256(float* a, int stride, float* panel, int length, float* c, int resultStride)
    {
        Vector256<float> c00 = default, c01 = default, c02 = default, c03 = default;
        Vector256<float> c10 = default, c11 = default, c12 = default, c13 = default;
        Vector256<float> c20 = default, c21 = default, c22 = default, c23 = default;
        float* a1 = a + stride, a2 = a1 + stride;
        for (int d = 0; d < length; d++, panel += PanelRows)
        {
            Vector256<float> x0 = Vector256.Create(a[d]), x1 = Vector256.Create(a1[d]), x2 = Vector256.Create(a2[d]);
            Vector256<float> b = Vector256.Load(panel);
            c00 = Vector256.FusedMultiplyAdd(x0, b, c00);
            c10 = Vector256.FusedMultiplyAdd(x1, b, c10);
            c20 = Vector256.FusedMultiplyAdd(x2, b, c20);
            b = Vector256.Load(panel + 8);
            c01 = Vector256.FusedMultiplyAdd(x0, b, c01);
            c11 = Vector256.FusedMultiplyAdd(x1, b, c11);
            c21 = Vector256.FusedMultiplyAdd(x2, b, c21);
            b = Vector256.Load(panel + 16);
            c02 = Vector256.FusedMultiplyAdd(x0, b, c02);
            c12 = Vector256.FusedMultiplyAdd(x1, b, c12);
            c22 = Vector256.FusedMultiplyAdd(x2, b, c22);
            b = Vector256.Load(panel + 24);
            c03 = Vector256.FusedMultiplyAdd(x0, b, c03);
            c13 = Vector256.FusedMultiplyAdd(x1, b, c13);
            c23 = Vector256.FusedMultiplyAdd(x2, b, c23);
        }

        Store256(c00, c01, c02, c03, c);
        Store256(c10, c11, c12, c13, c += resultStride);
        Store256(c20, c21, c22, c23, c + resultStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store256(Vector256<float> c0, Vector256<float> c1, Vector256<float> c2, Vector256<float> c3, float* target)
    {
        c0.Store(target);
        c1.Store(target + 8);
        c2.Store(target + 16);
        c3.Store(target + 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row256(float* a, float* panel, int length, float* c)
    {
        Vector256<float> c0 = default, c1 = default, c2 = default, c3 = default;
        for (int d = 0; d < length; d++, panel += PanelRows)
        {
            Vector256<float> x = Vector256.Create(a[d]);
            c0 = Vector256.FusedMultiplyAdd(x, Vector256.Load(panel), c0);
            c1 = Vector256.FusedMultiplyAdd(x, Vector256.Load(panel + 8), c1);
            c2 = Vector256.FusedMultiplyAdd(x, Vector256.Load(panel + 16), c2);
            c3 = Vector256.FusedMultiplyAdd(x, Vector256.Load(panel + 24), c3);
        }

        Store256(c0, c1, c2, c3, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row128(float* a, float* panel, int length, float* c)
    {
        for (int column = 0; column < PanelRows; column += 8)
        {
            Vector128<float> c0 = default, c1 = default;
            float* b = panel + column;
            for (int d = 0; d < length; d++, b += PanelRows)
            {
                Vector128<float> x = Vector128.Create(a[d]);
                c0 = Vector128.FusedMultiplyAdd(x, Vector128.Load(b), c0);
                c1 = Vector128.FusedMultiplyAdd(x, Vector128.Load(b + 4), c1);
            }

            c0.Store(c + column);
            c1.Store(c + column + 4);
        }
    }

    private static void RowScalar(float* a, float* panel, int length, float* c)
    {
        for (int column = 0; column < PanelRows; column++)
        {
            float sum = 0;
            for (int d = 0; d < length; d++)
            {
                sum = MathF.FusedMultiplyAdd(a[d], panel[(d * PanelRows) + column], sum);
            }

            c[column] = sum;
        }
    }
}
