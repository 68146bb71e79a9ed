using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// The activations that are always a step of their own, because their code is long: GELU and powers. A kernel that fused them would spill
/// its vector registers.
/// </summary>
internal static class StandaloneActivation
{
    /// <summary>The normal distribution function, with an absolute error of about 1e-7.</summary>
    /// <remarks>The error function is formula 7.1.26 of Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector NormalDistribution<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector one = TSimd.Create(1);
        TVector size = TSimd.SelectGreater(default, value, TSimd.Subtract(default, value), value);
        TVector u = TSimd.Multiply(size, TSimd.Create(0.70710678f));
        TVector t = TSimd.Divide(one, TSimd.MultiplyAdd(u, TSimd.Create(0.3275911f), one));
        TVector sum = TSimd.Create(1.061405429f);
        sum = TSimd.MultiplyAdd(sum, t, TSimd.Create(-1.453152027f));
        sum = TSimd.MultiplyAdd(sum, t, TSimd.Create(1.421413741f));
        sum = TSimd.MultiplyAdd(sum, t, TSimd.Create(-0.284496736f));
        sum = TSimd.MultiplyAdd(sum, t, TSimd.Create(0.254829592f));
        TVector square = TSimd.Multiply(value, TSimd.Multiply(value, TSimd.Create(-0.5f)));
        TVector tail = TSimd.Multiply(TSimd.Multiply(sum, t), TSimd.Multiply(TSimd.Create(0.5f), Exponential.Of<TSimd, TVector>(square)));
        return TSimd.SelectGreater(value, default, TSimd.Subtract(one, tail), tail);
    }

    /// <summary>The derivative of GELU: the normal distribution function, plus x times the normal density.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector SlopeOfGelu<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector square = TSimd.Multiply(value, TSimd.Multiply(value, TSimd.Create(-0.5f)));
        TVector density = TSimd.Multiply(TSimd.Create(0.39894228f), Exponential.Of<TSimd, TVector>(square));
        return TSimd.MultiplyAdd(value, density, NormalDistribution<TSimd, TVector>(value));
    }

    /// <summary>
    /// value to the power of a number. Small whole exponents are products; others are exp(exponent * log(value)), NaN for negative values.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Power<TSimd, TVector>(TVector value, float exponent)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        const int MostFactors = 64;
        TVector one = TSimd.Create(1);
        if (exponent == MathF.Truncate(exponent) && MathF.Abs(exponent) <= MostFactors)
        {
            TVector product = one, square = value;
            for (int left = (int)MathF.Abs(exponent); left > 0; left >>= 1)
            {
                product = (left & 1) == 0 ? product : TSimd.Multiply(product, square);
                square = TSimd.Multiply(square, square);
            }

            return exponent < 0 ? TSimd.Divide(one, product) : product;
        }

        if (exponent == 0.5f)
        {
            return TSimd.Sqrt(value);
        }

        TVector power = Exponential.Of<TSimd, TVector>(TSimd.Multiply(TSimd.Create(exponent), TSimd.Log(value)));
        return TSimd.SelectEqual(value, default, TSimd.Create(exponent < 0 ? float.PositiveInfinity : 0), power);
    }
}
