using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>
/// Converts YCbCr to RGB (ITU T.871, section 7) in 16-bit fixed point, with the rounding of libjpeg. Every vector width gives the same
/// values.
/// <code>
/// R = Y + 1.402 (Cr - 128)
/// G = Y - 0.34414 (Cb - 128) - 0.71414 (Cr - 128)
/// B = Y + 1.772 (Cb - 128)
/// </code>
/// </summary>
internal static class ColorConversion
{
    private const int Half = 1 << 15;
    private const int CrToRed = 91881;
    private const int CbToGreen = -22554;
    private const int CrToGreen = -46802;
    private const int CbToBlue = 116130;

    /// <summary>Converts a row.</summary>
    /// <param name="y">At least as many values as there are pixels.</param>
    /// <param name="cb">At least as many values as there are pixels.</param>
    /// <param name="cr">At least as many values as there are pixels.</param>
    /// <param name="rgb">Receives three values for each pixel.</param>
    /// <param name="vectorBits">The width of the widest vectors to use, which the machine must support.</param>
    public static void YCbCrToRgb(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> rgb, int vectorBits)
    {
        int count = rgb.Length / 3;
        y = y[..count];
        cb = cb[..count];
        cr = cr[..count];
        int x = 0;
        if (vectorBits >= 128 && count >= 16)
        {
            ref byte yFirst = ref MemoryMarshal.GetReference(y);
            ref byte cbFirst = ref MemoryMarshal.GetReference(cb);
            ref byte crFirst = ref MemoryMarshal.GetReference(cr);
            while (x < count)
            {
                // The last 16 pixels can overlap the previous ones, which are computed again with the same result.
                x = Math.Min(x, count - 16);
                Vector128<byte> yy = Vector128.LoadUnsafe(ref yFirst, (nuint)x);
                Vector128<byte> bb = Vector128.LoadUnsafe(ref cbFirst, (nuint)x);
                Vector128<byte> rr = Vector128.LoadUnsafe(ref crFirst, (nuint)x);
                (Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue) = vectorBits >= 512 ? Convert512(yy, bb, rr)
                    : vectorBits >= 256 ? Convert256(yy, bb, rr)
                    : Convert128(yy, bb, rr);
                PixelInterleaving.Store(red, green, blue, ref MemoryMarshal.GetReference(rgb), (nuint)(3 * x));
                x += 16;
            }
        }

        for (; x < count; x++)
        {
            int luma = y[x];
            int blueness = cb[x] - 128;
            int redness = cr[x] - 128;
            rgb[3 * x] = (byte)Math.Clamp(luma + ((redness * CrToRed + Half) >> 16), 0, 255);
            rgb[3 * x + 1] = (byte)Math.Clamp(luma + ((blueness * CbToGreen + redness * CrToGreen + Half) >> 16), 0, 255);
            rgb[3 * x + 2] = (byte)Math.Clamp(luma + ((blueness * CbToBlue + Half) >> 16), 0, 255);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Convert512(
        Vector128<byte> y, Vector128<byte> cb, Vector128<byte> cr)
    {
        Vector512<int> luma = Widen512(y);
        Vector512<int> blueness = Widen512(cb) - Vector512.Create(128);
        Vector512<int> redness = Widen512(cr) - Vector512.Create(128);
        return (
            Narrow512(luma + ((redness * CrToRed + Vector512.Create(Half)) >> 16)),
            Narrow512(luma + ((blueness * CbToGreen + redness * CrToGreen + Vector512.Create(Half)) >> 16)),
            Narrow512(luma + ((blueness * CbToBlue + Vector512.Create(Half)) >> 16)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Convert256(
        Vector128<byte> y, Vector128<byte> cb, Vector128<byte> cr)
    {
        (Vector256<int> luma0, Vector256<int> luma1) = Widen256(y);
        (Vector256<int> blueness0, Vector256<int> blueness1) = Widen256(cb);
        (Vector256<int> redness0, Vector256<int> redness1) = Widen256(cr);
        blueness0 -= Vector256.Create(128);
        blueness1 -= Vector256.Create(128);
        redness0 -= Vector256.Create(128);
        redness1 -= Vector256.Create(128);
        var half = Vector256.Create(Half);
        return (
            Narrow256(luma0 + ((redness0 * CrToRed + half) >> 16), luma1 + ((redness1 * CrToRed + half) >> 16)),
            Narrow256(
                luma0 + ((blueness0 * CbToGreen + redness0 * CrToGreen + half) >> 16),
                luma1 + ((blueness1 * CbToGreen + redness1 * CrToGreen + half) >> 16)),
            Narrow256(luma0 + ((blueness0 * CbToBlue + half) >> 16), luma1 + ((blueness1 * CbToBlue + half) >> 16)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Convert128(
        Vector128<byte> y, Vector128<byte> cb, Vector128<byte> cr)
    {
        (Vector128<short> red0, Vector128<short> green0, Vector128<short> blue0) =
            Convert128(Vector128.WidenLower(y), Vector128.WidenLower(cb), Vector128.WidenLower(cr));
        (Vector128<short> red1, Vector128<short> green1, Vector128<short> blue1) =
            Convert128(Vector128.WidenUpper(y), Vector128.WidenUpper(cb), Vector128.WidenUpper(cr));
        return (Narrow128(red0, red1), Narrow128(green0, green1), Narrow128(blue0, blue1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<short> Red, Vector128<short> Green, Vector128<short> Blue) Convert128(
        Vector128<ushort> y, Vector128<ushort> cb, Vector128<ushort> cr)
    {
        Vector128<int> luma0 = Vector128.WidenLower(y).AsInt32();
        Vector128<int> luma1 = Vector128.WidenUpper(y).AsInt32();
        Vector128<int> blueness0 = Vector128.WidenLower(cb).AsInt32() - Vector128.Create(128);
        Vector128<int> blueness1 = Vector128.WidenUpper(cb).AsInt32() - Vector128.Create(128);
        Vector128<int> redness0 = Vector128.WidenLower(cr).AsInt32() - Vector128.Create(128);
        Vector128<int> redness1 = Vector128.WidenUpper(cr).AsInt32() - Vector128.Create(128);
        var half = Vector128.Create(Half);
        return (
            Vector128.Narrow(luma0 + ((redness0 * CrToRed + half) >> 16), luma1 + ((redness1 * CrToRed + half) >> 16)),
            Vector128.Narrow(
                luma0 + ((blueness0 * CbToGreen + redness0 * CrToGreen + half) >> 16),
                luma1 + ((blueness1 * CbToGreen + redness1 * CrToGreen + half) >> 16)),
            Vector128.Narrow(luma0 + ((blueness0 * CbToBlue + half) >> 16), luma1 + ((blueness1 * CbToBlue + half) >> 16)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen512(Vector128<byte> bytes) =>
        Vector512.WidenLower(Vector256.WidenLower(bytes.ToVector256Unsafe()).ToVector512Unsafe()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<int> Lower, Vector256<int> Upper) Widen256(Vector128<byte> bytes)
    {
        Vector256<ushort> shorts = Vector256.WidenLower(bytes.ToVector256Unsafe());
        return (Vector256.WidenLower(shorts).AsInt32(), Vector256.WidenUpper(shorts).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow512(Vector512<int> values)
    {
        Vector512<int> clamped = Vector512.Min(Vector512.Max(values, Vector512<int>.Zero), Vector512.Create(255));
        Vector256<ushort> shorts = Vector256.Narrow(clamped.GetLower().AsUInt32(), clamped.GetUpper().AsUInt32());
        return Vector128.Narrow(shorts.GetLower(), shorts.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow256(Vector256<int> lower, Vector256<int> upper)
    {
        Vector256<short> shorts = Vector256.Narrow(lower, upper);
        return Narrow128(shorts.GetLower(), shorts.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow128(Vector128<short> lower, Vector128<short> upper)
    {
        var maximum = Vector128.Create((short)255);
        lower = Vector128.Min(Vector128.Max(lower, Vector128<short>.Zero), maximum);
        upper = Vector128.Min(Vector128.Max(upper, Vector128<short>.Zero), maximum);
        return Vector128.Narrow(lower.AsUInt16(), upper.AsUInt16());
    }
}
