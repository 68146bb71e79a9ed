using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>
/// Doubling by a triangle filter: an output sample is 3/4 of the nearer input sample and 1/4 of the further one, in each direction that is
/// doubled. Rounds where libjpeg's default ("fancy") upsampling rounds. Every width gives the same samples.
/// </summary>
internal static class FancyUpsampling
{
    /// <summary>3 near + far, the vertical half of the filter, not yet divided.</summary>
    public static void Weigh(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<ushort> sums, int vectorBits)
    {
        far = far[..near.Length];
        sums = sums[..near.Length];
        ref byte nearFirst = ref MemoryMarshal.GetReference(near);
        ref byte farFirst = ref MemoryMarshal.GetReference(far);
        ref ushort sumsFirst = ref MemoryMarshal.GetReference(sums);
        nuint i = 0;
        nuint length = (nuint)near.Length;
        if (vectorBits >= 512)
        {
            for (; i + 32 <= length; i += 32)
            {
                Vector512<ushort> a = Vector512.WidenLower(Vector256.LoadUnsafe(ref nearFirst, i).ToVector512Unsafe());
                Vector512<ushort> b = Vector512.WidenLower(Vector256.LoadUnsafe(ref farFirst, i).ToVector512Unsafe());
                (a + a + a + b).StoreUnsafe(ref sumsFirst, i);
            }
        }

        if (vectorBits >= 256)
        {
            for (; i + 16 <= length; i += 16)
            {
                Vector256<ushort> a = Vector256.WidenLower(Vector128.LoadUnsafe(ref nearFirst, i).ToVector256Unsafe());
                Vector256<ushort> b = Vector256.WidenLower(Vector128.LoadUnsafe(ref farFirst, i).ToVector256Unsafe());
                (a + a + a + b).StoreUnsafe(ref sumsFirst, i);
            }
        }

        if (vectorBits >= 128)
        {
            for (; i + 8 <= length; i += 8)
            {
                Vector128<ushort> a = Load8(ref nearFirst, i);
                Vector128<ushort> b = Load8(ref farFirst, i);
                (a + a + a + b).StoreUnsafe(ref sumsFirst, i);
            }
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref sumsFirst, i) = (ushort)(3 * Unsafe.Add(ref nearFirst, i) + Unsafe.Add(ref farFirst, i));
        }
    }

    /// <summary>Bytes as 16-bit values, to double them sideways only.</summary>
    public static void Widen(ReadOnlySpan<byte> samples, Span<ushort> sums)
    {
        sums = sums[..samples.Length];
        int i = 0;
        for (; i + 8 <= samples.Length; i += 8)
        {
            Load8(ref MemoryMarshal.GetReference(samples), (nuint)i).StoreUnsafe(ref MemoryMarshal.GetReference(sums), (nuint)i);
        }

        for (; i < samples.Length; i++)
        {
            sums[i] = samples[i];
        }
    }

    /// <summary>(sum + rounding) / 4: the vertical half of the filter on its own.</summary>
    public static void Quarter(ReadOnlySpan<ushort> sums, int rounding, Span<byte> samples)
    {
        samples = samples[..sums.Length];
        int i = 0;
        for (; i + 16 <= sums.Length; i += 16)
        {
            var bias = Vector128.Create((ushort)rounding);
            Vector128<ushort> low = (Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(sums), (nuint)i) + bias) >>> 2;
            Vector128<ushort> high = (Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(sums), (nuint)i + 8) + bias) >>> 2;
            Vector128.Narrow(low, high).StoreUnsafe(ref MemoryMarshal.GetReference(samples), (nuint)i);
        }

        for (; i < sums.Length; i++)
        {
            samples[i] = (byte)((sums[i] + rounding) >> 2);
        }
    }

    /// <summary>The horizontal half of the filter: two samples from each sum, (3 sum + neighbor + rounding) shifted right.</summary>
    /// <param name="sums">One sum more at either end than there are to double.</param>
    /// <param name="leftRounding">Added for samples that lean on the left neighbor.</param>
    /// <param name="rightRounding">Added for samples that lean on the right neighbor.</param>
    /// <param name="shift">2 for samples, 4 for weighed sums.</param>
    /// <param name="samples">The result, two for each inner sum.</param>
    /// <param name="vectorBits">The widest vectors to use; the machine must have them.</param>
    public static void Double(ReadOnlySpan<ushort> sums, int leftRounding, int rightRounding, int shift, Span<byte> samples, int vectorBits)
    {
        nuint length = (nuint)(sums.Length - 2);
        samples = samples[..(2 * (int)length)];
        ref ushort left = ref MemoryMarshal.GetReference(sums);
        ref ushort middle = ref Unsafe.Add(ref left, 1);
        ref ushort right = ref Unsafe.Add(ref left, 2);
        ref byte target = ref MemoryMarshal.GetReference(samples);
        nuint i = 0;
        if (BitConverter.IsLittleEndian)
        {
            // Both samples fit in the lane of the sum they come from: the left one in the lower byte.
            if (vectorBits >= 512)
            {
                for (; i + 32 <= length; i += 32)
                {
                    Vector512<ushort> x = Vector512.LoadUnsafe(ref middle, i) * 3;
                    Vector512<ushort> a = (x + Vector512.LoadUnsafe(ref left, i) + Vector512.Create((ushort)leftRounding)) >>> shift;
                    Vector512<ushort> b = (x + Vector512.LoadUnsafe(ref right, i) + Vector512.Create((ushort)rightRounding)) >>> shift;
                    (a | b << 8).AsByte().StoreUnsafe(ref target, 2 * i);
                }
            }

            if (vectorBits >= 256)
            {
                for (; i + 16 <= length; i += 16)
                {
                    Vector256<ushort> x = Vector256.LoadUnsafe(ref middle, i) * 3;
                    Vector256<ushort> a = (x + Vector256.LoadUnsafe(ref left, i) + Vector256.Create((ushort)leftRounding)) >>> shift;
                    Vector256<ushort> b = (x + Vector256.LoadUnsafe(ref right, i) + Vector256.Create((ushort)rightRounding)) >>> shift;
                    (a | b << 8).AsByte().StoreUnsafe(ref target, 2 * i);
                }
            }

            if (vectorBits >= 128)
            {
                for (; i + 8 <= length; i += 8)
                {
                    Vector128<ushort> x = Vector128.LoadUnsafe(ref middle, i) * 3;
                    Vector128<ushort> a = (x + Vector128.LoadUnsafe(ref left, i) + Vector128.Create((ushort)leftRounding)) >>> shift;
                    Vector128<ushort> b = (x + Vector128.LoadUnsafe(ref right, i) + Vector128.Create((ushort)rightRounding)) >>> shift;
                    (a | b << 8).AsByte().StoreUnsafe(ref target, 2 * i);
                }
            }
        }

        for (; i < length; i++)
        {
            int x = 3 * Unsafe.Add(ref middle, i);
            Unsafe.Add(ref target, 2 * i) = (byte)((x + Unsafe.Add(ref left, i) + leftRounding) >> shift);
            Unsafe.Add(ref target, 2 * i + 1) = (byte)((x + Unsafe.Add(ref right, i) + rightRounding) >> shift);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Load8(ref byte first, nuint i) =>
        Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, i))).AsByte());
}
