using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>
/// The default ("fancy") upsampling of libjpeg, with its rounding: a triangle filter that doubles the width, the height or both. In each
/// direction, an output sample is 3/4 of the nearer and 1/4 of the farther input sample. Every vector width gives the same samples.
/// </summary>
internal static class FancyUpsampling
{
    /// <summary>Computes 3 near + far: the vertical filter, before the division.</summary>
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

    /// <summary>Widens bytes to 16 bits, for components that are doubled only horizontally.</summary>
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

    /// <summary>Computes (sum + rounding) / 4: completes the vertical filter for components that are doubled only vertically.</summary>
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

    /// <summary>Computes the horizontal filter: two samples from each sum, (3 sum + neighbor + rounding) >> shift.</summary>
    /// <param name="sums">The sums, with one more at either end.</param>
    /// <param name="leftRounding">The rounding of samples that use the left neighbor.</param>
    /// <param name="rightRounding">The rounding of samples that use the right neighbor.</param>
    /// <param name="shift">2 for samples, 4 for the sums of the vertical filter.</param>
    /// <param name="samples">Receives two samples for each inner sum.</param>
    /// <param name="vectorBits">The width of the widest vectors to use, which the machine must support.</param>
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
            // Both samples fit in the lane of their sum, the left one in the lower byte.
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
