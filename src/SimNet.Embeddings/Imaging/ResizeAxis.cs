using System.Numerics;

namespace SimNet.Embeddings;

/// <summary>
/// Along one axis, for each new pixel, the old pixels it comes from and their weights. Both filters' weights are fractions with one
/// denominator, so they are kept as whole numbers that add up to <see cref="Total"/> for every new pixel.
/// </summary>
internal sealed class ResizeAxis
{
    private readonly int[] _starts;
    private readonly int[] _offsets;
    private readonly int[] _weights;

    private ResizeAxis(int[] starts, int[] offsets, int[] weights, int total)
    {
        _starts = starts;
        _offsets = offsets;
        _weights = weights;
        Total = total;
    }

    /// <summary>What the weights of each new pixel add up to.</summary>
    public int Total { get; }

    /// <summary>The first old pixel that the new one comes from.</summary>
    public int Start(int index) => _starts[index];

    /// <summary>Weights of the old pixels from <see cref="Start"/> on.</summary>
    public ReadOnlySpan<int> Weights(int index) => _weights.AsSpan(_offsets[index].._offsets[index + 1]);

    public static ResizeAxis Create(int from, int to, ResizeFilter filter) =>
        filter == ResizeFilter.Area || (filter == ResizeFilter.Adaptive && to <= from) ? Area(from, to) : Bilinear(from, to);

    /// <summary>
    /// With from = a g and to = b g, let an old pixel be b units long; a new one is then a units long.
    /// New pixel i covers [i a, (i + 1) a), old pixel j lies on [j b, (j + 1) b), and j's weight is what they have in common.
    /// </summary>
    private static ResizeAxis Area(int from, int to)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(from, to);
        int newLength = from / divisor, oldLength = to / divisor;
        int[] starts = new int[to], offsets = new int[to + 1];
        var weights = new List<int>();
        for (int i = 0; i < to; i++)
        {
            long left = (long)i * newLength, right = left + newLength;
            int j = (int)(left / oldLength);
            starts[i] = j;
            for (; (long)j * oldLength < right; j++)
            {
                weights.Add((int)(Math.Min(right, (j + 1L) * oldLength) - Math.Max(left, (long)j * oldLength)));
            }

            offsets[i + 1] = weights.Count;
        }

        return new ResizeAxis(starts, offsets, [.. weights], newLength);
    }

    /// <summary>
    /// New center i lies at (i + 1/2) from / to - 1/2 = ((2 i + 1) from - to) / (2 to) in old pixels:
    /// whole part j, remainder r, so old pixel j weighs 2 to - r and old pixel j + 1 weighs r.
    /// </summary>
    private static ResizeAxis Bilinear(int from, int to)
    {
        long full = 2L * to;
        long divisor = (long)BigInteger.GreatestCommonDivisor(BigInteger.GreatestCommonDivisor(full, 2L * from), Math.Abs((long)from - to));
        int total = (int)(full / divisor);
        int[] starts = new int[to], offsets = new int[to + 1];
        var weights = new List<int>();
        for (int i = 0; i < to; i++)
        {
            long position = (((2L * i) + 1) * from) - to;
            long whole = position < 0 ? -1 : position / full;
            int remainder = (int)((position - (whole * full)) / divisor);
            if (whole < 0 || whole >= from - 1 || remainder == 0)
            {
                starts[i] = (int)Math.Clamp(whole, 0, from - 1);
                weights.Add(total);
            }
            else
            {
                starts[i] = (int)whole;
                weights.Add(total - remainder);
                weights.Add(remainder);
            }

            offsets[i + 1] = weights.Count;
        }

        return new ResizeAxis(starts, offsets, [.. weights], total);
    }
}
