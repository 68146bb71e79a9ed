namespace SimNet.Embeddings;

/// <summary>
/// Divides sums of at most 255 times the divisor and rounds to the nearest integer (half up). Multiplies instead where that is exact: for
/// x and d below 2^32 and c = ⌈2^64 / d⌉, the high 64 bits of x c are ⌊x / d⌋ (Lemire, Kaser and Kurz, "Faster remainder by direct
/// computation", 2019).
/// </summary>
internal readonly struct RoundedDivision
{
    private readonly ulong _divisor;
    private readonly ulong _half;
    private readonly ulong _reciprocal;

    public RoundedDivision(ulong divisor)
    {
        _divisor = divisor;
        _half = divisor / 2;
        _reciprocal = divisor > 1 && divisor <= uint.MaxValue / 256 ? (ulong.MaxValue / divisor) + 1 : 0;
    }

    public ulong Divide(ulong sum) => _reciprocal != 0 ? Math.BigMul(sum + _half, _reciprocal, out _) : (sum + _half) / _divisor;
}
