using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>Converts interleaved RGB to <see cref="RgbColor.Luma"/> in integers; every vector width gives the same values.</summary>
internal static class LumaConversion
{
    /// <summary>Converts with the widest vectors of the machine.</summary>
    public static void Convert(ReadOnlySpan<byte> rgb, Span<byte> gray) =>
        Convert(rgb, gray, VectorSupport.Bits);

    /// <summary>Converts with vectors of at most <paramref name="vectorBits"/> bits: 512, 256, 128, or 0 for scalar code.</summary>
    public static void Convert(ReadOnlySpan<byte> rgb, Span<byte> gray, int vectorBits)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, 3L * gray.Length);
        ref byte from = ref MemoryMarshal.GetReference(rgb);
        ref byte to = ref MemoryMarshal.GetReference(gray);
        int i = 0;
        for (; vectorBits >= 128 && i <= gray.Length - 16; i += 16)
        {
            // The shuffles that deinterleave the channels stay at 128 bits; only the arithmetic benefits from wider vectors.
            (Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue) = Deinterleave(ref Unsafe.Add(ref from, 3 * i));
            Vector128<byte> luma = vectorBits >= 512 ? Weigh512(red, green, blue)
                : vectorBits >= 256 ? Weigh256(red, green, blue)
                : Weigh128(red, green, blue);
            luma.StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < gray.Length; i++)
        {
            gray[i] = new RgbColor(rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]).Luma;
        }
    }

    /// <summary>
    /// Deinterleaves the channels of 16 pixels. Channel c is at bytes c, c + 3, ... of the 48; a shuffle index above 15 gives 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Deinterleave(ref byte rgb)
    {
        Vector128<byte> a = Vector128.LoadUnsafe(ref rgb), b = Vector128.LoadUnsafe(ref rgb, 16), c = Vector128.LoadUnsafe(ref rgb, 32);
        return (
            Vector128.Shuffle(a, Vector128.Create((byte)0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 4, 7, 10, 13)),
            Vector128.Shuffle(a, Vector128.Create((byte)1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14)),
            Vector128.Shuffle(a, Vector128.Create((byte)2, 5, 8, 11, 14, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(b, Vector128.Create((byte)255, 255, 255, 255, 255, 1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(c, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Weigh512(Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue)
    {
        Vector512<uint> sum = (Widen(red) * 19595) + (Widen(green) * 38470) + (Widen(blue) * 7471) + Vector512.Create(32768u);
        Vector512<uint> luma = sum >>> 16;
        Vector256<ushort> half = Vector256.Narrow(luma.GetLower(), luma.GetUpper());
        return Vector128.Narrow(half.GetLower(), half.GetUpper());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector512<uint> Widen(Vector128<byte> values)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.WidenLower(values.ToVector256Unsafe()));
            return Vector512.Create(low, high);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Weigh256(Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue)
    {
        (Vector256<uint> redLow, Vector256<uint> redHigh) = Vector256.Widen(Vector256.WidenLower(red.ToVector256Unsafe()));
        (Vector256<uint> greenLow, Vector256<uint> greenHigh) = Vector256.Widen(Vector256.WidenLower(green.ToVector256Unsafe()));
        (Vector256<uint> blueLow, Vector256<uint> blueHigh) = Vector256.Widen(Vector256.WidenLower(blue.ToVector256Unsafe()));
        Vector256<ushort> luma = Vector256.Narrow(Sum(redLow, greenLow, blueLow), Sum(redHigh, greenHigh, blueHigh));
        return Vector128.Narrow(luma.GetLower(), luma.GetUpper());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<uint> Sum(Vector256<uint> red, Vector256<uint> green, Vector256<uint> blue) =>
            ((red * 19595) + (green * 38470) + (blue * 7471) + Vector256.Create(32768u)) >>> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Weigh128(Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue)
    {
        return Vector128.Narrow(
            Half(Vector128.WidenLower(red), Vector128.WidenLower(green), Vector128.WidenLower(blue)),
            Half(Vector128.WidenUpper(red), Vector128.WidenUpper(green), Vector128.WidenUpper(blue)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector128<ushort> Half(Vector128<ushort> red, Vector128<ushort> green, Vector128<ushort> blue) => Vector128.Narrow(
            Sum(Vector128.WidenLower(red), Vector128.WidenLower(green), Vector128.WidenLower(blue)),
            Sum(Vector128.WidenUpper(red), Vector128.WidenUpper(green), Vector128.WidenUpper(blue)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector128<uint> Sum(Vector128<uint> red, Vector128<uint> green, Vector128<uint> blue) =>
            ((red * 19595) + (green * 38470) + (blue * 7471) + Vector128.Create(32768u)) >>> 16;
    }
}
