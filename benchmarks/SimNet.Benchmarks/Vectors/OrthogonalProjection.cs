using System.Numerics.Tensors;

namespace SimNet.Benchmarks;

/// <summary>
/// Reduces the dimensions of vectors to coordinates along random orthonormal directions. The directions for a size are always the same, and
/// those for fewer dimensions are the first of those for more.
/// </summary>
internal static class OrthogonalProjection
{
    /// <summary>Projects rows of <paramref name="from"/> dimensions to <paramref name="to"/>; the same dimensions change nothing.</summary>
    /// <exception cref="ArgumentException"><paramref name="to"/> is not from 1 to <paramref name="from"/>.</exception>
    public static float[] Apply(float[] rows, int from, int to)
    {
        if (to == from)
        {
            return rows;
        }

        if (to < 1 || to > from)
        {
            throw new ArgumentException($"Vectors of {from} dimensions cannot be projected to {to}; expected 1 to {from}.");
        }

        float[][] directions = Directions(from, to);
        var projected = new float[rows.Length / from * to];
        Parallel.For(0, rows.Length / from, row =>
        {
            for (int i = 0; i < to; i++)
            {
                projected[(row * to) + i] = TensorPrimitives.Dot<float>(rows.AsSpan(row * from, from), directions[i]);
            }
        });
        return projected;
    }

    /// <summary>Gaussian vectors, orthonormalized by the Gram-Schmidt process, twice each, which removes the rounding errors.</summary>
    public static float[][] Directions(int dimensions, int count)
    {
        var directions = new double[count][];
        for (int i = 0; i < count; i++)
        {
            var random = new SeededRandom(dimensions, i);
            var direction = new double[dimensions];
            for (int j = 0; j < dimensions; j++)
            {
                direction[j] = random.NextGaussian();
            }

            for (int pass = 0; pass < 2; pass++)
            {
                for (int before = 0; before < i; before++)
                {
                    double along = TensorPrimitives.Dot<double>(direction, directions[before]);
                    TensorPrimitives.MultiplyAdd(directions[before], -along, direction, direction);
                }

                TensorPrimitives.Divide(direction, TensorPrimitives.Norm<double>(direction), direction);
            }

            directions[i] = direction;
        }

        return [.. directions.Select(direction => direction.Select(value => (float)value).ToArray())];
    }
}
