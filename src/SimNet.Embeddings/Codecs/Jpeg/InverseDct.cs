using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SimNet.Embeddings;

/// <summary>
/// The inverse DCT (ITU T.81, A.3.3) in 13-bit fixed point, with the rounding of libjpeg's default IDCT, so that the samples are equal.
/// Every vector width gives the same samples.
/// </summary>
/// <remarks>
/// The one-dimensional transform is the inverse of Loeffler, Ligtenberg and Moschytz, "Practical fast 1-D DCT algorithms with 11
/// multiplications" (1989), with the rotations of the odd part in 9 multiplications (the variant of their figure 8):
/// <code>
/// even part: s = x0 + x4, d = x0 - x4, (p, q) = rotation of (x2, x6) by pi/8, times sqrt 2
///            e0 = s + p, e1 = d + q, e2 = d - q, e3 = s - p
/// odd part:  o0..o3 from x1, x3, x5, x7 by two rotations sharing (x1 + x3 + x5 + x7) cos(3 pi/16) sqrt 2
/// result:    y[i] = e[i] + o[i], y[7 - i] = e[i] - o[i]
/// </code>
/// The columns are transformed first, with 2 fraction bits in the result, then the rows.
/// </remarks>
internal static class InverseDct
{
    private const int FractionBits = 13;
    private const int ColumnFractionBits = 2;
    private const int ColumnShift = FractionBits - ColumnFractionBits;
    private const int RowShift = FractionBits + ColumnFractionBits + 3;

    // The rounding constant includes the level shift by 128 of A.3.1.
    private const int ColumnRounding = 1 << (ColumnShift - 1);
    private const int RowRounding = (1 << (RowShift - 1)) + (128 << RowShift);

    /// <summary>Lanes' bits this machine is fastest with: 256, 128, or 0 for no vectors.</summary>
    public static int VectorBits => Math.Min(VectorSupport.IntegerBits, 256);

    /// <summary>Transforms a block.</summary>
    /// <param name="coefficients">The 64 dequantized coefficients, row by row.</param>
    /// <param name="samples">Receives the samples, from the first of the block to the last.</param>
    /// <param name="stride">The distance from one row of samples to the next.</param>
    public static void Transform(ReadOnlySpan<int> coefficients, Span<byte> samples, int stride) =>
        Transform(coefficients, samples, stride, VectorBits);

    /// <summary>The samples of a block that has only a DC coefficient, and the mean of the samples of any block.</summary>
    public static byte DcSample(int coefficient) => (byte)Math.Clamp((((coefficient << ColumnFractionBits) + 16) >> 5) + 128, 0, 255);

    /// <summary>Transforms a block that has only a DC coefficient: all samples are equal.</summary>
    public static void TransformDcOnly(int coefficient, Span<byte> samples, int stride)
    {
        ulong row = DcSample(coefficient) * 0x0101010101010101UL;
        ref byte first = ref MemoryMarshal.GetReference(samples[..(7 * stride + 8)]);
        for (int y = 0; y < 8; y++)
        {
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref first, y * stride), row);
        }
    }

    /// <summary>Transforms a block with vectors of the given width, which the machine must support.</summary>
    public static void Transform(ReadOnlySpan<int> coefficients, Span<byte> samples, int stride, int vectorBits)
    {
        ref int source = ref MemoryMarshal.GetReference(coefficients[..64]);
        ref byte target = ref MemoryMarshal.GetReference(samples[..(7 * stride + 8)]);
        if (vectorBits == 256)
        {
            Transform256(ref source, ref target, stride);
        }
        else if (vectorBits == 128)
        {
            Transform128(ref source, ref target, stride);
        }
        else
        {
            TransformScalar(ref source, ref target, stride);
        }
    }

    /// <summary>Transposes 4x4 values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<int> First, Vector128<int> Second, Vector128<int> Third, Vector128<int> Fourth) Transpose(
        Vector128<int> row0, Vector128<int> row1, Vector128<int> row2, Vector128<int> row3)
    {
        Vector128<int> a0 = InterleaveLow(row0, row2);
        Vector128<int> a1 = InterleaveHigh(row0, row2);
        Vector128<int> a2 = InterleaveLow(row1, row3);
        Vector128<int> a3 = InterleaveHigh(row1, row3);
        return (InterleaveLow(a0, a2), InterleaveHigh(a0, a2), InterleaveLow(a1, a3), InterleaveHigh(a1, a3));
    }

    private static void TransformScalar(ref int source, ref byte target, int stride)
    {
        CoefficientBlock workspace = default;
        for (int x = 0; x < 8; x++)
        {
            Eight<Scalar> column = default;
            for (int y = 0; y < 8; y++)
            {
                column[y] = new Scalar(Unsafe.Add(ref source, 8 * y + x));
            }

            Transform1D(ref column, ColumnRounding, ColumnShift);
            for (int y = 0; y < 8; y++)
            {
                workspace[8 * y + x] = column[y].Value;
            }
        }

        for (int y = 0; y < 8; y++)
        {
            Eight<Scalar> row = default;
            for (int x = 0; x < 8; x++)
            {
                row[x] = new Scalar(workspace[8 * y + x]);
            }

            Transform1D(ref row, RowRounding, RowShift);
            for (int x = 0; x < 8; x++)
            {
                Unsafe.Add(ref target, y * stride + x) = (byte)Math.Clamp(row[x].Value, 0, 255);
            }
        }
    }

    private static void Transform128(ref int source, ref byte target, int stride)
    {
        // The left and right halves of the rows; after the transposition, the upper and lower halves of the columns.
        Eight<Lanes4> left = default;
        Eight<Lanes4> right = default;
        for (int y = 0; y < 8; y++)
        {
            left[y] = new Lanes4(Vector128.LoadUnsafe(ref source, (nuint)(8 * y)));
            right[y] = new Lanes4(Vector128.LoadUnsafe(ref source, (nuint)(8 * y + 4)));
        }

        Transform1D(ref left, ColumnRounding, ColumnShift);
        Transform1D(ref right, ColumnRounding, ColumnShift);
        Transpose(ref left, ref right);
        Transform1D(ref left, RowRounding, RowShift);
        Transform1D(ref right, RowRounding, RowShift);
        Transpose(ref left, ref right);
        for (int y = 0; y < 8; y++)
        {
            Vector128<short> row = Vector128.NarrowWithSaturation(left[y].Value, right[y].Value);
            row = Vector128.Min(Vector128.Max(row, Vector128<short>.Zero), Vector128.Create((short)255));
            Vector128<byte> bytes = Vector128.Narrow(row.AsUInt16(), row.AsUInt16());
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, y * stride), bytes.AsUInt64().ToScalar());
        }
    }

    private static void Transform256(ref int source, ref byte target, int stride)
    {
        Eight<Lanes8> rows = default;
        for (int y = 0; y < 8; y++)
        {
            rows[y] = new Lanes8(Vector256.LoadUnsafe(ref source, (nuint)(8 * y)));
        }

        Transform1D(ref rows, ColumnRounding, ColumnShift);
        Transpose(ref rows);
        Transform1D(ref rows, RowRounding, RowShift);

        // rows[x] contains column x. The columns are narrowed to bytes, four rows to a 128-bit lane, and interleaved to rows:
        // first pairs (0, 1), (4, 5) and (2, 3), (6, 7) of columns, then quadruples, then rows of eight.
        Vector256<short> columns04 = Avx2.PackSignedSaturate(rows[0].Value, rows[4].Value);
        Vector256<short> columns15 = Avx2.PackSignedSaturate(rows[1].Value, rows[5].Value);
        Vector256<short> columns26 = Avx2.PackSignedSaturate(rows[2].Value, rows[6].Value);
        Vector256<short> columns37 = Avx2.PackSignedSaturate(rows[3].Value, rows[7].Value);
        Vector256<byte> order = Vector256.Create(
            (byte)0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
        Vector256<short> pairs01 = Avx2.Shuffle(Avx2.PackUnsignedSaturate(columns04, columns15), order).AsInt16();
        Vector256<short> pairs23 = Avx2.Shuffle(Avx2.PackUnsignedSaturate(columns26, columns37), order).AsInt16();
        Vector256<int> columns0To3 = Avx2.UnpackLow(pairs01, pairs23).AsInt32();
        Vector256<int> columns4To7 = Avx2.UnpackHigh(pairs01, pairs23).AsInt32();
        Vector256<ulong> rows01And45 = Avx2.UnpackLow(columns0To3, columns4To7).AsUInt64();
        Vector256<ulong> rows23And67 = Avx2.UnpackHigh(columns0To3, columns4To7).AsUInt64();
        Unsafe.WriteUnaligned(ref target, rows01And45[0]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, stride), rows01And45[1]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, 2 * stride), rows23And67[0]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, 3 * stride), rows23And67[1]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, 4 * stride), rows01And45[2]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, 5 * stride), rows01And45[3]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, 6 * stride), rows23And67[2]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, 7 * stride), rows23And67[3]);
    }

    /// <summary>Transforms one column per lane, in place; the results are rounded and shifted right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transform1D<T>(ref Eight<T> x, int rounding, int shift)
        where T : struct, ILanes<T>
    {
        // Even part. 4433, 6270 and 15137 are sqrt 2 times cos 3pi/8, sin 3pi/8 minus cos 3pi/8, and their sum, times 2^13.
        T shared = (x[2] + x[6]) * 4433;
        T p = shared + x[2] * 6270;
        T q = shared - x[6] * 15137;
        T s = ((x[0] + x[4]) << FractionBits) + T.Create(rounding);
        T d = ((x[0] - x[4]) << FractionBits) + T.Create(rounding);
        T e0 = s + p;
        T e1 = d + q;
        T e2 = d - q;
        T e3 = s - p;

        // Odd part. 9633 is sqrt 2 cos 3pi/16, times 2^13; the other factors are sums and differences of sqrt 2 cos k pi/16.
        T x73 = x[7] + x[3];
        T x51 = x[5] + x[1];
        T all = (x73 + x51) * 9633;
        T a = all - x73 * 16069;
        T b = all - x51 * 3196;
        T x71 = (x[7] + x[1]) * 7373;
        T x53 = (x[5] + x[3]) * 20995;
        T o3 = x[7] * 2446 - x71 + a;
        T o2 = x[5] * 16819 - x53 + b;
        T o1 = x[3] * 25172 - x53 + a;
        T o0 = x[1] * 12299 - x71 + b;

        x[0] = (e0 + o0) >> shift;
        x[1] = (e1 + o1) >> shift;
        x[2] = (e2 + o2) >> shift;
        x[3] = (e3 + o3) >> shift;
        x[4] = (e3 - o3) >> shift;
        x[5] = (e2 - o2) >> shift;
        x[6] = (e1 - o1) >> shift;
        x[7] = (e0 - o0) >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Eight<Lanes8> x)
    {
        Vector256<int> a0 = Avx2.UnpackLow(x[0].Value, x[1].Value);
        Vector256<int> a1 = Avx2.UnpackHigh(x[0].Value, x[1].Value);
        Vector256<int> a2 = Avx2.UnpackLow(x[2].Value, x[3].Value);
        Vector256<int> a3 = Avx2.UnpackHigh(x[2].Value, x[3].Value);
        Vector256<int> a4 = Avx2.UnpackLow(x[4].Value, x[5].Value);
        Vector256<int> a5 = Avx2.UnpackHigh(x[4].Value, x[5].Value);
        Vector256<int> a6 = Avx2.UnpackLow(x[6].Value, x[7].Value);
        Vector256<int> a7 = Avx2.UnpackHigh(x[6].Value, x[7].Value);
        Vector256<long> b0 = Avx2.UnpackLow(a0.AsInt64(), a2.AsInt64());
        Vector256<long> b1 = Avx2.UnpackHigh(a0.AsInt64(), a2.AsInt64());
        Vector256<long> b2 = Avx2.UnpackLow(a1.AsInt64(), a3.AsInt64());
        Vector256<long> b3 = Avx2.UnpackHigh(a1.AsInt64(), a3.AsInt64());
        Vector256<long> b4 = Avx2.UnpackLow(a4.AsInt64(), a6.AsInt64());
        Vector256<long> b5 = Avx2.UnpackHigh(a4.AsInt64(), a6.AsInt64());
        Vector256<long> b6 = Avx2.UnpackLow(a5.AsInt64(), a7.AsInt64());
        Vector256<long> b7 = Avx2.UnpackHigh(a5.AsInt64(), a7.AsInt64());
        x[0] = new Lanes8(Avx2.Permute2x128(b0, b4, 0x20).AsInt32());
        x[1] = new Lanes8(Avx2.Permute2x128(b1, b5, 0x20).AsInt32());
        x[2] = new Lanes8(Avx2.Permute2x128(b2, b6, 0x20).AsInt32());
        x[3] = new Lanes8(Avx2.Permute2x128(b3, b7, 0x20).AsInt32());
        x[4] = new Lanes8(Avx2.Permute2x128(b0, b4, 0x31).AsInt32());
        x[5] = new Lanes8(Avx2.Permute2x128(b1, b5, 0x31).AsInt32());
        x[6] = new Lanes8(Avx2.Permute2x128(b2, b6, 0x31).AsInt32());
        x[7] = new Lanes8(Avx2.Permute2x128(b3, b7, 0x31).AsInt32());
    }

    private static void Transpose(ref Eight<Lanes4> left, ref Eight<Lanes4> right)
    {
        Transpose4(ref left, 0);
        Transpose4(ref left, 4);
        Transpose4(ref right, 0);
        Transpose4(ref right, 4);
        for (int i = 0; i < 4; i++)
        {
            (left[4 + i], right[i]) = (right[i], left[4 + i]);
        }
    }

    private static void Transpose4(ref Eight<Lanes4> x, int first)
    {
        (Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d) =
            Transpose(x[first].Value, x[first + 1].Value, x[first + 2].Value, x[first + 3].Value);
        x[first] = new Lanes4(a);
        x[first + 1] = new Lanes4(b);
        x[first + 2] = new Lanes4(c);
        x[first + 3] = new Lanes4(d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> InterleaveLow(Vector128<int> a, Vector128<int> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> InterleaveHigh(Vector128<int> a, Vector128<int> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    /// <summary>The arithmetic of the transform, on one number or on several in parallel.</summary>
    private interface ILanes<T> :
        IAdditionOperators<T, T, T>, ISubtractionOperators<T, T, T>, IMultiplyOperators<T, int, T>, IShiftOperators<T, int, T>
        where T : struct, ILanes<T>
    {
        static abstract T Create(int value);
    }

    [InlineArray(8)]
    private struct Eight<T>
    {
        private T _first;
    }

    private readonly struct Scalar(int value) : ILanes<Scalar>
    {
        public readonly int Value = value;

        public static Scalar Create(int value) => new(value);

        public static Scalar operator +(Scalar left, Scalar right) => new(left.Value + right.Value);

        public static Scalar operator -(Scalar left, Scalar right) => new(left.Value - right.Value);

        public static Scalar operator *(Scalar left, int right) => new(left.Value * right);

        public static Scalar operator <<(Scalar value, int shift) => new(value.Value << shift);

        public static Scalar operator >>(Scalar value, int shift) => new(value.Value >> shift);

        public static Scalar operator >>>(Scalar value, int shift) => new(value.Value >>> shift);
    }

    private readonly struct Lanes4(Vector128<int> value) : ILanes<Lanes4>
    {
        public readonly Vector128<int> Value = value;

        public static Lanes4 Create(int value) => new(Vector128.Create(value));

        public static Lanes4 operator +(Lanes4 left, Lanes4 right) => new(left.Value + right.Value);

        public static Lanes4 operator -(Lanes4 left, Lanes4 right) => new(left.Value - right.Value);

        public static Lanes4 operator *(Lanes4 left, int right) => new(left.Value * right);

        public static Lanes4 operator <<(Lanes4 value, int shift) => new(value.Value << shift);

        public static Lanes4 operator >>(Lanes4 value, int shift) => new(value.Value >> shift);

        public static Lanes4 operator >>>(Lanes4 value, int shift) => new(value.Value >>> shift);
    }

    private readonly struct Lanes8(Vector256<int> value) : ILanes<Lanes8>
    {
        public readonly Vector256<int> Value = value;

        public static Lanes8 Create(int value) => new(Vector256.Create(value));

        public static Lanes8 operator +(Lanes8 left, Lanes8 right) => new(left.Value + right.Value);

        public static Lanes8 operator -(Lanes8 left, Lanes8 right) => new(left.Value - right.Value);

        public static Lanes8 operator *(Lanes8 left, int right) => new(left.Value * right);

        public static Lanes8 operator <<(Lanes8 value, int shift) => new(value.Value << shift);

        public static Lanes8 operator >>(Lanes8 value, int shift) => new(value.Value >> shift);

        public static Lanes8 operator >>>(Lanes8 value, int shift) => new(value.Value >>> shift);
    }
}
