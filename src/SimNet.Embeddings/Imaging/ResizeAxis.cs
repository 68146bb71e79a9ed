using System.Numerics;

namespace SimNet.Embeddings;

/// <summary>
/// The filter weights along one axis: for each output pixel, its input pixels and their weights. The weights of both filters are fractions
/// with a common denominator, so they are stored as integers that add up to <see cref="Total"/> for every output pixel.
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

    /// <summary>Gets the sum of the weights of each output pixel.</summary>
    public int Total { get; }

    /// <summary>Returns the first input pixel of an output pixel.</summary>
    public int Start(int index) => _starts[index];

    /// <summary>Returns the weights of the input pixels from <see cref="Start"/> on.</summary>
    public ReadOnlySpan<int> Weights(int index) => _weights.AsSpan(_offsets[index].._offsets[index + 1]);

    public static ResizeAxis Create(int from, int to, ResizeFilter filter) =>
        filter == ResizeFilter.Area || (filter == ResizeFilter.Adaptive && to <= from) ? Area(from, to) : Bilinear(from, to);

    /// <summary>
    /// With from = a g and to = b g, let an input pixel be b units long; an output pixel is then a units long.
    /// Output pixel i covers [i a, (i + 1) a), input pixel j covers [j b, (j + 1) b), and the weight of j is the length of the overlap.
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
    /// The center of output pixel i is at (i + 1/2) from / to - 1/2 = ((2 i + 1) from - to) / (2 to) in input pixels.
    /// With integer part j and remainder r, input pixel j has weight 2 to - r and input pixel j + 1 has weight r.
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
