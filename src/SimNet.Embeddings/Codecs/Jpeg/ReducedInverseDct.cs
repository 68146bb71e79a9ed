using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>
/// Inverse DCTs of 8x8 coefficients to 4x4 and 2x2 samples, for scaled decoding, in 13-bit fixed point with the rounding of libjpeg, so
/// that the samples are equal. Every vector width gives the same samples.
/// </summary>
/// <remarks>
/// In each direction the result is the mean of 2 or 4 neighboring samples of the 8-point transform, computed directly. With the basis
/// functions c(u, x) = cos((2x + 1) u pi / 16), times sqrt 2 for u above 0:
/// <code>
/// (c(u, 2j) + c(u, 2j + 1)) / 2 = cos(u pi / 16) cos((2j + 1) u pi / 8)
/// </code>
/// which is 0 for u = 4, and similarly for means of 4, where it is 0 for all even u above 0. The factors below are twice and four times
/// these values, times 2^13.
/// </remarks>
internal static class ReducedInverseDct
{
    private const int FractionBits = 13;
    private const int ColumnFractionBits = 2;

    // Even part of the 4-point transform: 2 sqrt 2 cos(pi/8) cos(u pi/16) for u = 2, 6.
    private const int Even2 = 15137;
    private const int Even6 = -6270;

    // Odd part: the outer and the inner pair of samples.
    private const int Outer1 = 20995;
    private const int Outer3 = 7373;
    private const int Outer5 = -4926;
    private const int Outer7 = -4176;
    private const int Inner1 = 8697;
    private const int Inner3 = -17799;
    private const int Inner5 = 11893;
    private const int Inner7 = -1730;

    // The 2-point transform.
    private const int Half1 = 29692;
    private const int Half3 = -10426;
    private const int Half5 = 6967;
    private const int Half7 = -5906;

    /// <summary>Transforms a block to 4x4 samples.</summary>
    /// <param name="coefficients">The 64 dequantized coefficients, row by row.</param>
    /// <param name="samples">Receives the samples, from the first of the block to the last.</param>
    /// <param name="stride">The distance from one row of samples to the next.</param>
    /// <param name="vectorBits">The width of the widest vectors to use, which the machine must support.</param>
    public static void Transform4(ReadOnlySpan<int> coefficients, Span<byte> samples, int stride, int vectorBits)
    {
        ref int source = ref MemoryMarshal.GetReference(coefficients[..64]);
        ref byte target = ref MemoryMarshal.GetReference(samples[..(3 * stride + 4)]);
        if (vectorBits >= 128)
        {
            Transform4Vectors(ref source, ref target, stride, vectorBits >= 256);
            return;
        }

        CoefficientBlock columns = default;
        for (int x = 0; x < 8; x++)
        {
            (int y0, int y1, int y2, int y3) = Transform4Scalar(ref Unsafe.Add(ref source, x), 8, FractionBits - ColumnFractionBits + 1);
            columns[x] = y0;
            columns[8 + x] = y1;
            columns[16 + x] = y2;
            columns[24 + x] = y3;
        }

        for (int y = 0; y < 4; y++)
        {
            (int x0, int x1, int x2, int x3) = Transform4Scalar(ref columns[8 * y], 1, FractionBits + ColumnFractionBits + 3 + 1);
            ref byte row = ref Unsafe.Add(ref target, y * stride);
            row = ToSample(x0);
            Unsafe.Add(ref row, 1) = ToSample(x1);
            Unsafe.Add(ref row, 2) = ToSample(x2);
            Unsafe.Add(ref row, 3) = ToSample(x3);
        }
    }

    /// <summary>Transforms a block to 2x2 samples.</summary>
    /// <param name="coefficients">The 64 dequantized coefficients, row by row.</param>
    /// <param name="samples">Receives the samples, from the first of the block to the last.</param>
    /// <param name="stride">The distance from one row of samples to the next.</param>
    /// <param name="vectorBits">The width of the widest vectors to use, which the machine must support.</param>
    public static void Transform2(ReadOnlySpan<int> coefficients, Span<byte> samples, int stride, int vectorBits)
    {
        ref int source = ref MemoryMarshal.GetReference(coefficients[..64]);
        const int ColumnShift = FractionBits - ColumnFractionBits + 2;
        const int ColumnRounding = 1 << (ColumnShift - 1);
        Unsafe.SkipInit(out Eight upper);
        Unsafe.SkipInit(out Eight lower);
        if (vectorBits >= 256)
        {
            Vector256<int> even = (Vector256.LoadUnsafe(ref source) << (FractionBits + 2)) + Vector256.Create(ColumnRounding);
            Vector256<int> odd = Vector256.LoadUnsafe(ref source, 8) * Half1 + Vector256.LoadUnsafe(ref source, 24) * Half3
                + Vector256.LoadUnsafe(ref source, 40) * Half5 + Vector256.LoadUnsafe(ref source, 56) * Half7;
            ((even + odd) >> ColumnShift).StoreUnsafe(ref upper[0]);
            ((even - odd) >> ColumnShift).StoreUnsafe(ref lower[0]);
        }
        else if (vectorBits >= 128)
        {
            for (nuint x = 0; x < 8; x += 4)
            {
                Vector128<int> even = (Vector128.LoadUnsafe(ref source, x) << (FractionBits + 2)) + Vector128.Create(ColumnRounding);
                Vector128<int> odd = Vector128.LoadUnsafe(ref source, 8 + x) * Half1 + Vector128.LoadUnsafe(ref source, 24 + x) * Half3
                    + Vector128.LoadUnsafe(ref source, 40 + x) * Half5 + Vector128.LoadUnsafe(ref source, 56 + x) * Half7;
                ((even + odd) >> ColumnShift).StoreUnsafe(ref upper[0], x);
                ((even - odd) >> ColumnShift).StoreUnsafe(ref lower[0], x);
            }
        }
        else
        {
            for (int x = 0; x < 8; x++)
            {
                int even = (Unsafe.Add(ref source, x) << (FractionBits + 2)) + ColumnRounding;
                int odd = Unsafe.Add(ref source, 8 + x) * Half1 + Unsafe.Add(ref source, 24 + x) * Half3
                    + Unsafe.Add(ref source, 40 + x) * Half5 + Unsafe.Add(ref source, 56 + x) * Half7;
                upper[x] = (even + odd) >> ColumnShift;
                lower[x] = (even - odd) >> ColumnShift;
            }
        }

        (samples[0], samples[1]) = Transform2Row(ref upper);
        (samples[stride], samples[stride + 1]) = Transform2Row(ref lower);
    }

    private static (byte Left, byte Right) Transform2Row(ref Eight x)
    {
        const int RowShift = FractionBits + ColumnFractionBits + 3 + 2;
        int even = (x[0] << (FractionBits + 2)) + (1 << (RowShift - 1));
        int odd = x[1] * Half1 + x[3] * Half3 + x[5] * Half5 + x[7] * Half7;
        return (ToSample((even + odd) >> RowShift), ToSample((even - odd) >> RowShift));
    }

    private static byte ToSample(int value) => (byte)Math.Clamp(value + 128, 0, 255);

    private static (int First, int Second, int Third, int Fourth) Transform4Scalar(ref int x, int step, int shift)
    {
        int x1 = Unsafe.Add(ref x, step);
        int x3 = Unsafe.Add(ref x, 3 * step);
        int x5 = Unsafe.Add(ref x, 5 * step);
        int x7 = Unsafe.Add(ref x, 7 * step);
        int dc = (x << (FractionBits + 1)) + (1 << (shift - 1));
        int even = Unsafe.Add(ref x, 2 * step) * Even2 + Unsafe.Add(ref x, 6 * step) * Even6;
        int outer = x1 * Outer1 + x3 * Outer3 + x5 * Outer5 + x7 * Outer7;
        int inner = x1 * Inner1 + x3 * Inner3 + x5 * Inner5 + x7 * Inner7;
        return ((dc + even + outer) >> shift, (dc - even + inner) >> shift, (dc - even - inner) >> shift, (dc + even - outer) >> shift);
    }

    private static void Transform4Vectors(ref int source, ref byte target, int stride, bool uses256)
    {
        const int ColumnShift = FractionBits - ColumnFractionBits + 1;
        const int RowShift = FractionBits + ColumnFractionBits + 3 + 1;

        // The left and right halves of four rows.
        Vector128<int> l0, l1, l2, l3, r0, r1, r2, r3;
        if (uses256)
        {
            Vector256<int> x1 = Vector256.LoadUnsafe(ref source, 8);
            Vector256<int> x3 = Vector256.LoadUnsafe(ref source, 24);
            Vector256<int> x5 = Vector256.LoadUnsafe(ref source, 40);
            Vector256<int> x7 = Vector256.LoadUnsafe(ref source, 56);
            Vector256<int> dc = (Vector256.LoadUnsafe(ref source) << (FractionBits + 1)) + Vector256.Create(1 << (ColumnShift - 1));
            Vector256<int> even = Vector256.LoadUnsafe(ref source, 16) * Even2 + Vector256.LoadUnsafe(ref source, 48) * Even6;
            Vector256<int> outer = x1 * Outer1 + x3 * Outer3 + x5 * Outer5 + x7 * Outer7;
            Vector256<int> inner = x1 * Inner1 + x3 * Inner3 + x5 * Inner5 + x7 * Inner7;
            Vector256<int> y0 = (dc + even + outer) >> ColumnShift;
            Vector256<int> y1 = (dc - even + inner) >> ColumnShift;
            Vector256<int> y2 = (dc - even - inner) >> ColumnShift;
            Vector256<int> y3 = (dc + even - outer) >> ColumnShift;
            (l0, r0) = (y0.GetLower(), y0.GetUpper());
            (l1, r1) = (y1.GetLower(), y1.GetUpper());
            (l2, r2) = (y2.GetLower(), y2.GetUpper());
            (l3, r3) = (y3.GetLower(), y3.GetUpper());
        }
        else
        {
            (l0, l1, l2, l3) = Transform4Columns(ref source);
            (r0, r1, r2, r3) = Transform4Columns(ref Unsafe.Add(ref source, 4));
        }

        (Vector128<int> c0, Vector128<int> c1, Vector128<int> c2, Vector128<int> c3) = InverseDct.Transpose(l0, l1, l2, l3);
        (Vector128<int> _, Vector128<int> c5, Vector128<int> c6, Vector128<int> c7) = InverseDct.Transpose(r0, r1, r2, r3);
        (c0, c1, c2, c3) = Combine(c0, c1, c2, c3, c5, c6, c7, RowShift);
        (c0, c1, c2, c3) = InverseDct.Transpose(c0, c1, c2, c3);
        Store(c0, ref target);
        Store(c1, ref Unsafe.Add(ref target, stride));
        Store(c2, ref Unsafe.Add(ref target, 2 * stride));
        Store(c3, ref Unsafe.Add(ref target, 3 * stride));

        static void Store(Vector128<int> row, ref byte target)
        {
            Vector128<int> samples = Vector128.Min(Vector128.Max(row + Vector128.Create(128), Vector128<int>.Zero), Vector128.Create(255));
            Vector128<byte> bytes = Vector128.Narrow(Vector128.Narrow(samples, samples).AsUInt16(), Vector128<ushort>.Zero);
            Unsafe.WriteUnaligned(ref target, bytes.AsUInt32().ToScalar());
        }

        static (Vector128<int>, Vector128<int>, Vector128<int>, Vector128<int>) Transform4Columns(ref int x) => Combine(
            Vector128.LoadUnsafe(ref x),
            Vector128.LoadUnsafe(ref x, 8),
            Vector128.LoadUnsafe(ref x, 16),
            Vector128.LoadUnsafe(ref x, 24),
            Vector128.LoadUnsafe(ref x, 40),
            Vector128.LoadUnsafe(ref x, 48),
            Vector128.LoadUnsafe(ref x, 56),
            ColumnShift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<int> First, Vector128<int> Second, Vector128<int> Third, Vector128<int> Fourth) Combine(
        Vector128<int> x0,
        Vector128<int> x1,
        Vector128<int> x2,
        Vector128<int> x3,
        Vector128<int> x5,
        Vector128<int> x6,
        Vector128<int> x7,
        int shift)
    {
        Vector128<int> dc = (x0 << (FractionBits + 1)) + Vector128.Create(1 << (shift - 1));
        Vector128<int> even = x2 * Even2 + x6 * Even6;
        Vector128<int> outer = x1 * Outer1 + x3 * Outer3 + x5 * Outer5 + x7 * Outer7;
        Vector128<int> inner = x1 * Inner1 + x3 * Inner3 + x5 * Inner5 + x7 * Inner7;
        return ((dc + even + outer) >> shift, (dc - even + inner) >> shift, (dc - even - inner) >> shift, (dc + even - outer) >> shift);
    }

    [InlineArray(8)]
    private struct Eight
    {
        private int _first;
    }
}
