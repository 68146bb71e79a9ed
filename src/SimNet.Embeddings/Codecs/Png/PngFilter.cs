using System.Numerics.Tensors;

namespace SimNet.Embeddings;

/// <summary>
/// The five scanline filters of PNG (W3C PNG, third edition, section 9). Each byte is stored as its difference from a prediction that
/// depends on byte a, one pixel to the left, byte b, above, and byte c, to the left of b. Bytes outside the image are 0.
/// </summary>
internal static class PngFilter
{
    public const byte None = 0;
    public const byte Sub = 1;
    public const byte Up = 2;
    public const byte Average = 3;
    public const byte Paeth = 4;

    /// <summary>Reconstructs a row from the stored differences, in place.</summary>
    /// <param name="type">The filter type, None to Paeth; other types have no effect.</param>
    /// <param name="row">The filtered row.</param>
    /// <param name="previous">The row above, or zeros; at least as long as the row.</param>
    /// <param name="distance">The distance in bytes to the pixel on the left.</param>
    public static void Reverse(byte type, Span<byte> row, ReadOnlySpan<byte> previous, int distance)
    {
        previous = previous[..row.Length];
        int first = Math.Min(distance, row.Length);
        switch (type)
        {
            case Sub:
                for (int i = distance; i < row.Length; i++)
                {
                    row[i] += row[i - distance];
                }

                break;
            case Up:
                TensorPrimitives.Add(row, previous, row);
                break;
            case Average:
                for (int i = 0; i < first; i++)
                {
                    row[i] += (byte)(previous[i] >> 1);
                }

                for (int i = distance; i < row.Length; i++)
                {
                    row[i] += (byte)((row[i - distance] + previous[i]) >> 1);
                }

                break;
            case Paeth:
                ReversePaeth(row, previous, distance);
                break;
        }
    }

    /// <summary>Filters a row.</summary>
    /// <param name="type">The filter type, None to Paeth.</param>
    /// <param name="row">The row.</param>
    /// <param name="previous">The row above, or zeros; as long as the row.</param>
    /// <param name="distance">The distance in bytes to the pixel on the left.</param>
    /// <param name="stored">Receives the differences; as long as the row.</param>
    public static void Apply(byte type, ReadOnlySpan<byte> row, ReadOnlySpan<byte> previous, int distance, Span<byte> stored)
    {
        for (int i = 0; i < row.Length; i++)
        {
            bool first = i < distance;
            int left = first ? 0 : row[i - distance], above = previous[i], aboveLeft = first ? 0 : previous[i - distance];
            int prediction = type switch
            {
                Sub => left,
                Up => above,
                Average => (left + above) >> 1,
                Paeth => Predict(left, above, aboveLeft),
                _ => 0,
            };
            stored[i] = (byte)(row[i] - prediction);
        }
    }

    /// <summary>Reconstructs one byte of all pixels after the other, which keeps the last two values of each chain in registers.</summary>
    private static void ReversePaeth(Span<byte> row, ReadOnlySpan<byte> previous, int distance)
    {
        for (int start = 0; start < distance && start < row.Length; start++)
        {
            int left = 0, aboveLeft = 0;
            for (int i = start; i < row.Length; i += distance)
            {
                int above = previous[i];
                left = (byte)(row[i] + Predict(left, above, aboveLeft));
                row[i] = (byte)left;
                aboveLeft = above;
            }
        }
    }

    /// <summary>Returns whichever of a, b and c is nearest to p = a + b - c; ties are in this order.</summary>
    private static byte Predict(int a, int b, int c)
    {
        // |p - a| = |b - c|, |p - b| = |a - c|.
        int fromA = Math.Abs(b - c), fromB = Math.Abs(a - c), fromC = Math.Abs(a + b - c - c);
        int nearer = fromB <= fromC ? b : c;
        return (byte)(fromA <= fromB && fromA <= fromC ? a : nearer);
    }
}
