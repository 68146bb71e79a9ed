namespace SimNet.Embeddings;

/// <summary>
/// Adds weighted input rows to one row of sums, then weighted columns of that row to output pixels, and divides once at the end.
/// All sums are exact: at most 255 times the product of the totals of both axes, below 2^42 for any two images that fit in arrays.
/// </summary>
internal static class SeparableResize
{
    public static Image Apply(Image image, int width, int height, ResizeFilter filter)
    {
        int channels = image.Channels;
        byte[] pixels = ImageOperations.Allocate(width, height, channels);
        ResizeAxis columns = ResizeAxis.Create(image.Width, width, filter);
        ResizeAxis rows = ResizeAxis.Create(image.Height, height, filter);
        var division = new RoundedDivision((ulong)columns.Total * (ulong)rows.Total);
        if (rows.Total <= int.MaxValue / 255)
        {
            int[] sums = new int[image.Width * channels];
            for (int y = 0; y < height; y++)
            {
                Array.Clear(sums);
                ReadOnlySpan<int> weights = rows.Weights(y);
                for (int i = 0; i < weights.Length; i++)
                {
                    WeightedRowSum.Add(image.Row(rows.Start(y) + i), weights[i], sums);
                }

                SumColumns(sums, columns, channels, division, pixels.AsSpan(y * width * channels, width * channels));
            }
        }
        else
        {
            // More than eight million rows: the sums need 64 bits, and the image is only a few pixels wide.
            long[] sums = new long[image.Width * channels];
            for (int y = 0; y < height; y++)
            {
                Array.Clear(sums);
                ReadOnlySpan<int> weights = rows.Weights(y);
                for (int i = 0; i < weights.Length; i++)
                {
                    ReadOnlySpan<byte> row = image.Row(rows.Start(y) + i);
                    for (int x = 0; x < row.Length; x++)
                    {
                        sums[x] += (long)weights[i] * row[x];
                    }
                }

                SumColumns(sums, columns, channels, division, pixels.AsSpan(y * width * channels, width * channels));
            }
        }

        return new Image(width, height, channels, pixels);
    }

    private static void SumColumns<T>(ReadOnlySpan<T> sums, ResizeAxis columns, int channels, RoundedDivision division, Span<byte> pixels)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        if (channels == 1)
        {
            for (int x = 0; x < pixels.Length; x++)
            {
                ReadOnlySpan<int> weights = columns.Weights(x);
                ReadOnlySpan<T> from = sums.Slice(columns.Start(x), weights.Length);
                ulong sum = 0;
                for (int i = 0; i < from.Length; i++)
                {
                    sum += ulong.CreateTruncating(from[i]) * (ulong)weights[i];
                }

                pixels[x] = (byte)division.Divide(sum);
            }

            return;
        }

        for (int x = 0; x < pixels.Length / 3; x++)
        {
            ReadOnlySpan<int> weights = columns.Weights(x);
            ReadOnlySpan<T> from = sums.Slice(columns.Start(x) * 3, weights.Length * 3);
            ulong red = 0, green = 0, blue = 0;
            for (int i = 0, at = 0; i < weights.Length && at + 2 < from.Length; i++, at += 3)
            {
                ulong weight = (ulong)weights[i];
                red += ulong.CreateTruncating(from[at]) * weight;
                green += ulong.CreateTruncating(from[at + 1]) * weight;
                blue += ulong.CreateTruncating(from[at + 2]) * weight;
            }

            Span<byte> pixel = pixels.Slice(x * 3, 3);
            pixel[0] = (byte)division.Divide(red);
            pixel[1] = (byte)division.Divide(green);
            pixel[2] = (byte)division.Divide(blue);
        }
    }
}
