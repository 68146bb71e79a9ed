using System.Numerics;

namespace SimNet.Embeddings;

/// <summary>
/// Adds weighted input pixels along both axes and divides once at the end. All sums are exact: at most 255 times the product of the totals
/// of both axes, below 2^42 for any two images that fit in arrays. The order of the axes changes the work, not the result.
/// </summary>
internal static class SeparableResize
{
    /// <summary>The number of sums of one strip, which fit in the second-level cache.</summary>
    private const int StripLength = 1 << 15;

    public static Image Apply(Image image, int width, int height, ResizeFilter filter)
    {
        byte[] pixels = ImageOperations.Allocate(width, height, image.Channels);
        ResizeAxis columns = ResizeAxis.Create(image.Width, width, filter);
        ResizeAxis rows = ResizeAxis.Create(image.Height, height, filter);
        if (height > image.Height && width < image.Width)
        {
            AddColumnsFirst(image, columns, rows, pixels);
        }
        else if (rows.Total <= int.MaxValue / 255)
        {
            AddRowsFirst<int>(image, columns, rows, pixels, AddRows);
        }
        else
        {
            // More than eight million rows: the sums need 64 bits, and the image is only a few pixels wide.
            AddRowsFirst<long>(image, columns, rows, pixels, AddManyRows);
        }

        return new Image(width, height, image.Channels, pixels);
    }

    /// <summary>
    /// Adds input rows to one row of sums, which vectors do fast, then its columns. A wide image is cut into strips, so that the sums stay
    /// in the cache and take little memory.
    /// </summary>
    private static void AddRowsFirst<T>(
        Image image, ResizeAxis columns, ResizeAxis rows, Span<byte> pixels, Action<Image, ResizeAxis.Footprint, int, Span<T>> addRows)
        where T : unmanaged, INumberBase<T>
    {
        int channels = image.Channels, stride = columns.Length * channels;
        var division = new RoundedDivision((ulong)columns.Total * (ulong)rows.Total);
        T[] sums = [];
        for (int left = 0, right; left < columns.Length; left = right)
        {
            right = left + 1;
            int start = columns[left].Start * channels;
            while (right < columns.Length && (columns[right].End * channels) - start <= StripLength)
            {
                right++;
            }

            int length = (columns[right - 1].End * channels) - start;
            if (sums.Length < length)
            {
                sums = new T[length];
            }

            Span<T> strip = sums.AsSpan(0, length);
            for (int y = 0; y < rows.Length; y++)
            {
                strip.Clear();
                addRows(image, rows[y], start, strip);
                Span<byte> quotients = pixels[((y * stride) + (left * channels))..((y * stride) + (right * channels))];
                AddColumns<T, Quotients>(strip, columns, left..right, channels, new Quotients(division, quotients));
            }
        }
    }

    /// <summary>Adds the weighted rows of an output row, from the value at <paramref name="start"/> of each row on.</summary>
    private static void AddRows(Image image, ResizeAxis.Footprint rows, int start, Span<int> sums)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            WeightedRowSum.Add(image.Row(rows.Start + i).Slice(start, sums.Length), rows.Weight(i), sums);
        }
    }

    /// <summary>Does the same as <see cref="AddRows"/>, column by column, for rows of a few pixels.</summary>
    private static void AddManyRows(Image image, ResizeAxis.Footprint rows, int start, Span<long> sums)
    {
        int stride = image.Width * image.Channels;
        ReadOnlySpan<byte> values = image.Pixels.Slice(rows.Start * stride, rows.Count * stride);
        for (int x = 0; x < sums.Length; x++)
        {
            long inner = 0;
            int first = start + x, last = values.Length - stride + first;
            for (int at = first + stride; at < last; at += stride)
            {
                inner += values[at];
            }

            // The weight of the last row is 0 if it is also the first one.
            sums[x] = ((long)values[first] * rows.First) + (inner * rows.Inner) + ((long)values[last] * rows.Last);
        }
    }

    /// <summary>
    /// For more rows of fewer columns: an output row comes from at most two input rows, each of which is used many times, so its columns
    /// are added once.
    /// </summary>
    private static void AddColumnsFirst(Image image, ResizeAxis columns, ResizeAxis rows, Span<byte> pixels)
    {
        int channels = image.Channels, stride = columns.Length * channels;
        var division = new RoundedDivision((ulong)columns.Total * (ulong)rows.Total);
        ulong[] upper = new ulong[stride], lower = new ulong[stride], totals = new ulong[stride];
        (int upperRow, int lowerRow) = (-1, -1);
        for (int y = 0; y < rows.Length; y++)
        {
            ResizeAxis.Footprint footprint = rows[y];
            if (upperRow != footprint.Start)
            {
                // The rows come in order: the new upper row often is the old lower one.
                (upper, lower, upperRow, lowerRow) = (lower, upper, lowerRow, upperRow);
            }

            Read(footprint.Start, upper, ref upperRow);
            if (footprint.Count == 2)
            {
                Read(footprint.Start + 1, lower, ref lowerRow);
            }

            // The weight of the last row is 0 if it is also the first one.
            Blend(upper, (ulong)footprint.First, lower, (ulong)footprint.Last, totals);
            var quotients = new Quotients(division, pixels.Slice(y * stride, stride));
            for (int x = 0; x < totals.Length; x++)
            {
                quotients.Write(x, totals[x]);
            }
        }

        void Read(int row, ulong[] sums, ref int current)
        {
            if (current != row)
            {
                ReadOnlySpan<byte> values = image.Row(row)[(columns[0].Start * channels)..];
                AddColumns<byte, Sums>(values, columns, 0..columns.Length, channels, new Sums(sums));
                current = row;
            }
        }
    }

    /// <summary>Adds the weighted input pixels of output pixels that follow each other.</summary>
    /// <param name="from">The input pixels, starting with the first one of the first output pixel.</param>
    /// <param name="columns">The weights.</param>
    /// <param name="range">The output pixels.</param>
    /// <param name="channels">The number of interleaved channels, 1 or 3.</param>
    /// <param name="target">Receives the sums of the channels of each output pixel.</param>
    private static void AddColumns<T, TTarget>(ReadOnlySpan<T> from, ResizeAxis columns, Range range, int channels, TTarget target)
        where T : unmanaged, INumberBase<T>
        where TTarget : ITarget, allows ref struct
    {
        (int first, int count) = range.GetOffsetAndLength(columns.Length);
        int start = columns[first].Start;
        if (channels == 1)
        {
            for (int x = 0; x < count; x++)
            {
                ResizeAxis.Footprint footprint = columns[first + x];
                ReadOnlySpan<T> values = from.Slice(footprint.Start - start, footprint.Count);
                ulong sum = Value(values[0]) * (ulong)footprint.First;
                if (values.Length > 1)
                {
                    ulong inner = 0;
                    for (int i = 1; i < values.Length - 1; i++)
                    {
                        inner += Value(values[i]);
                    }

                    sum += (inner * (ulong)footprint.Inner) + (Value(values[^1]) * (ulong)footprint.Last);
                }

                target.Write(x, sum);
            }

            return;
        }

        for (int x = 0; x < count; x++)
        {
            ResizeAxis.Footprint footprint = columns[first + x];
            ReadOnlySpan<T> values = from.Slice((footprint.Start - start) * 3, footprint.Count * 3);
            ulong weight = (ulong)footprint.First;
            (ulong red, ulong green, ulong blue) = (Value(values[0]) * weight, Value(values[1]) * weight, Value(values[2]) * weight);
            if (values.Length > 3)
            {
                (ulong innerRed, ulong innerGreen, ulong innerBlue) = (0, 0, 0);
                int at = 3;
                for (; at + 5 < values.Length; at += 3)
                {
                    innerRed += Value(values[at]);
                    innerGreen += Value(values[at + 1]);
                    innerBlue += Value(values[at + 2]);
                }

                (weight, ulong last) = ((ulong)footprint.Inner, (ulong)footprint.Last);
                red += (innerRed * weight) + (Value(values[at]) * last);
                green += (innerGreen * weight) + (Value(values[at + 1]) * last);
                blue += (innerBlue * weight) + (Value(values[at + 2]) * last);
            }

            target.Write(3 * x, red);
            target.Write((3 * x) + 1, green);
            target.Write((3 * x) + 2, blue);
        }

        static ulong Value(T value) => ulong.CreateTruncating(value);
    }

    private static void Blend(
        ReadOnlySpan<ulong> upper, ulong upperWeight, ReadOnlySpan<ulong> lower, ulong lowerWeight, Span<ulong> blended)
    {
        for (int i = 0; i < blended.Length && i < upper.Length && i < lower.Length; i++)
        {
            blended[i] = (upper[i] * upperWeight) + (lower[i] * lowerWeight);
        }
    }

    private interface ITarget
    {
        void Write(int index, ulong sum);
    }

    private readonly ref struct Sums(Span<ulong> sums) : ITarget
    {
        private readonly Span<ulong> _sums = sums;

        public void Write(int index, ulong sum) => _sums[index] = sum;
    }

    private readonly ref struct Quotients(RoundedDivision division, Span<byte> pixels) : ITarget
    {
        private readonly RoundedDivision _division = division;
        private readonly Span<byte> _pixels = pixels;

        public void Write(int index, ulong sum) => _pixels[index] = (byte)_division.Divide(sum);
    }
}
