using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// The exponential in float32 alone, to about 1e-7 of its value (the runtime's goes through double and takes four times as long). Cody and Waite's way: with n the
/// whole number next to x / ln 2, exp(x) = 2^n exp(r) where |r| is at most ln 2 / 2; exp(r) by the polynomial of Moshier's Cephes library, and ln 2 taken away in two
/// parts, of which the first has so few bits that nothing of it is rounded.
/// </summary>
internal static class Exponential
{
    // From the last normal result to the first whose power of two is infinity.
    private const float Least = -87;
    private const float Most = 89;

    /// <summary>exp(value), the value held to at least -87; from 88.4 on infinity. NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector most = TSimd.Create(Most);
        TVector least = TSimd.Create(Least);
        TVector x = TSimd.SelectGreater(value, most, most, TSimd.SelectGreater(least, value, least, value));
        TVector n = TSimd.Round(TSimd.Multiply(x, TSimd.Create(1.44269504088896341f)));
        TVector r = TSimd.MultiplyAdd(n, TSimd.Create(-0.693359375f), x);
        r = TSimd.MultiplyAdd(n, TSimd.Create(2.12194440e-4f), r);
        TVector sum = TSimd.Create(1.9875691500e-4f);
        sum = TSimd.MultiplyAdd(sum, r, TSimd.Create(1.3981999507e-3f));
        sum = TSimd.MultiplyAdd(sum, r, TSimd.Create(8.3334519073e-3f));
        sum = TSimd.MultiplyAdd(sum, r, TSimd.Create(4.1665795894e-2f));
        sum = TSimd.MultiplyAdd(sum, r, TSimd.Create(1.6666665459e-1f));
        sum = TSimd.MultiplyAdd(sum, r, TSimd.Create(5.0000001201e-1f));
        sum = TSimd.MultiplyAdd(sum, TSimd.Multiply(r, r), TSimd.Add(r, TSimd.Create(1)));
        return TSimd.ScaleByPowerOfTwo(sum, n);
    }
}
