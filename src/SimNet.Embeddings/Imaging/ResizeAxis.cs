using System.Numerics;

namespace SimNet.Embeddings;

/// <summary>
/// The filter weights along one axis: for each output pixel, its input pixels and their weights. The weights of both filters are fractions
/// with a common denominator, so they are integers that add up to <see cref="Total"/> for every output pixel. All weights between the first
/// and the last input pixel of an output pixel are equal, so memory depends on the size of the output only.
/// </summary>
internal sealed class ResizeAxis
{
    private readonly Footprint[] _footprints;

    private ResizeAxis(Footprint[] footprints, int total)
    {
        _footprints = footprints;
        Total = total;
    }

    /// <summary>Gets the sum of the weights of each output pixel.</summary>
    public int Total { get; }

    /// <summary>Gets the number of output pixels.</summary>
    public int Length => _footprints.Length;

    /// <summary>Gets the input pixels of an output pixel and their weights.</summary>
    public ref readonly Footprint this[int index] => ref _footprints[index];

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
        var footprints = new Footprint[to];
        for (int i = 0; i < to; i++)
        {
            long left = (long)i * newLength, right = left + newLength;
            int first = (int)(left / oldLength), last = (int)((right - 1) / oldLength);
            footprints[i] = first == last
                ? new Footprint(first, 1, newLength, 0, 0)
                : new Footprint(
                    first,
                    last - first + 1,
                    (int)(((first + 1L) * oldLength) - left),
                    oldLength,
                    (int)(right - ((long)last * oldLength)));
        }

        return new ResizeAxis(footprints, newLength);
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
        var footprints = new Footprint[to];
        for (int i = 0; i < to; i++)
        {
            long position = (((2L * i) + 1) * from) - to;
            long whole = position < 0 ? -1 : position / full;
            int remainder = (int)((position - (whole * full)) / divisor);
            footprints[i] = whole < 0 || whole >= from - 1 || remainder == 0
                ? new Footprint((int)Math.Clamp(whole, 0, from - 1), 1, total, 0, 0)
                : new Footprint((int)whole, 2, total - remainder, 0, remainder);
        }

        return new ResizeAxis(footprints, total);
    }

    /// <summary>The input pixels of an output pixel.</summary>
    /// <param name="Start">The first input pixel.</param>
    /// <param name="Count">The number of input pixels; at least 1.</param>
    /// <param name="First">The weight of the first one.</param>
    /// <param name="Inner">The weight of each one between the first and the last.</param>
    /// <param name="Last">The weight of the last one, if there are two or more.</param>
    public readonly record struct Footprint(int Start, int Count, int First, int Inner, int Last)
    {
        /// <summary>Gets the input pixel after the last one.</summary>
        public int End => Start + Count;

        /// <summary>Returns the weight of one of the input pixels, counted from <see cref="Start"/>.</summary>
        public int Weight(int index) => index == 0 ? First : index == Count - 1 ? Last : Inner;
    }
}
