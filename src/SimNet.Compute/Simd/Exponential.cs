using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// The exponential function in single precision, with a relative error of about 1e-7; the runtime's version computes in double precision
/// and takes four times as long. Uses Cody and Waite's range reduction ("Software Manual for the Elementary Functions", 1980): with n the
/// integer nearest to x / ln 2, exp(x) = 2^n exp(r) with |r| at most ln 2 / 2. The polynomial for exp(r) is that of Moshier's Cephes
/// library (expf). ln 2 is subtracted in two parts, the first of which has few enough bits for an exact product with n.
/// </summary>
internal static class Exponential
{
    // From the smallest normal result to the first whose power of two is infinite.
    private const float Minimum = -87;
    private const float Maximum = 89;

    /// <summary>exp(value), with values below -87 clamped to -87; infinity from 88.4. NaN propagates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector maximum = TSimd.Create(Maximum);
        TVector minimum = TSimd.Create(Minimum);
        TVector x = TSimd.SelectGreater(value, maximum, maximum, TSimd.SelectGreater(minimum, value, minimum, value));
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
