namespace SimNet.Benchmarks;

/// <summary>Distributions of rows, to be composed. Rows do not depend on each other, so they can be generated in any order.</summary>
internal static class RowGenerators
{
    /// <summary>Independent normally distributed components with mean 0.</summary>
    public static RowGenerator Gaussian(double standardDeviation = 1) => (row, source) =>
    {
        foreach (ref float value in row)
        {
            value = (float)(standardDeviation * source.NextGaussian());
        }
    };

    /// <summary>Independent components, uniform from 0 to a maximum.</summary>
    public static RowGenerator Uniform(double maximum = 1) => (row, source) =>
    {
        foreach (ref float value in row)
        {
            value = (float)(maximum * source.NextDouble());
        }
    };

    /// <summary>Clusters: the sum of a center, whose components are standard normal, and noise.</summary>
    /// <param name="choose">The number of the row's cluster.</param>
    /// <param name="noise">The distance from the center.</param>
    public static RowGenerator Clusters(Func<RowSource, int> choose, RowGenerator noise) => (row, source) =>
    {
        SeededRandom center = source.Shared(choose(source));
        noise(row, source);
        foreach (ref float value in row)
        {
            value = (float)(value + center.NextGaussian());
        }
    };

    /// <summary>Columns, each of its own distribution, in place of one for all components.</summary>
    public static RowGenerator Columns(params RowGenerator[] columns) => (row, source) =>
    {
        for (int i = 0; i < row.Length; i++)
        {
            columns[i](row.Slice(i, 1), source);
        }
    };

    /// <summary>A curved surface of a few dimensions: sines of random directions in it.</summary>
    /// <param name="innerDimensions">The dimensions of the surface.</param>
    public static RowGenerator Manifold(int innerDimensions) => (row, source) =>
    {
        var point = new double[innerDimensions];
        foreach (ref double value in point.AsSpan())
        {
            value = source.NextGaussian();
        }

        SeededRandom directions = source.Shared(0);
        foreach (ref float value in row)
        {
            double phase = 2 * Math.PI * directions.NextDouble();
            foreach (double coordinate in point)
            {
                phase += directions.NextGaussian() * coordinate;
            }

            value = (float)Math.Sin(phase);
        }
    };

    /// <summary>A share of the rows of one distribution, and the others of another.</summary>
    public static RowGenerator Mixture(double share, RowGenerator first, RowGenerator others) =>
        (row, source) => (source.NextDouble() < share ? first : others)(row, source);

    /// <summary>Applies a function to every component.</summary>
    public static RowGenerator Map(this RowGenerator inner, Func<float, float> function) => (row, source) =>
    {
        inner(row, source);
        foreach (ref float value in row)
        {
            value = function(value);
        }
    };

    /// <summary>Multiplies every row by a factor of its own.</summary>
    public static RowGenerator Scale(this RowGenerator inner, Func<RowSource, double> factor) => (row, source) =>
    {
        inner(row, source);
        double by = factor(source);
        foreach (ref float value in row)
        {
            value = (float)(by * value);
        }
    };

    /// <summary>Scales every row to length one; rows of zeros stay.</summary>
    public static RowGenerator Normalize(this RowGenerator inner) => (row, source) =>
    {
        inner(row, source);
        double squares = 0;
        foreach (float value in row)
        {
            squares += (double)value * value;
        }

        foreach (ref float value in row)
        {
            value = squares > 0 ? (float)(value / Math.Sqrt(squares)) : 0;
        }
    };

    /// <summary>Sets all components to zero except a number of them, chosen for each row.</summary>
    public static RowGenerator Sparse(this RowGenerator inner, int nonZero) => (row, source) =>
    {
        inner(row, source);

        // Selection sampling: keeps each component with the probability that leaves the wanted number of those that remain.
        for (int i = 0, left = nonZero; i < row.Length; i++)
        {
            if (source.NextInt32(row.Length - i) < left)
            {
                left--;
            }
            else
            {
                row[i] = 0;
            }
        }
    };

    /// <summary>Adds a multiple of a row's position in the set, 0 to 1, to every component. Held-out rows get a random position.</summary>
    public static RowGenerator Sorted(this RowGenerator inner, double length) => (row, source) =>
    {
        inner(row, source);
        double position = source.IsHeldOut ? source.NextDouble() : (double)source.Number / source.Count;
        foreach (ref float value in row)
        {
            value = (float)(value + (length * position));
        }
    };

    /// <summary>Every row a number of times, spread over the set. Held-out rows differ from all of them.</summary>
    public static RowGenerator Repeat(this RowGenerator inner, int times) => (row, source) =>
        inner(row, source.IsHeldOut ? source : source.Of(source.Number % Math.Max(1, source.Count / times)));

    /// <summary>Chooses among clusters of equally many rows, at random.</summary>
    public static Func<RowSource, int> OneOf(int clusters) => source => source.NextInt32(clusters);

    /// <summary>Chooses clusters in turn, so that each gets the same number of rows.</summary>
    public static Func<RowSource, int> GroupsOf(int rows) => source => source.Number % Math.Max(1, source.Count / rows);

    /// <summary>Chooses clusters one after the other, so that the rows of each are adjacent. Held-out rows are of any.</summary>
    public static Func<RowSource, int> InOrder(int clusters) => source =>
        source.IsHeldOut ? source.NextInt32(clusters) : (int)((long)source.Number * clusters / source.Count);

    /// <summary>Chooses cluster i with a probability nearly proportional to 1 / (i + 1) (Zipf's law).</summary>
    public static Func<RowSource, int> PowerLaw(int clusters) => source => (int)Math.Pow(clusters + 1, source.NextDouble()) - 1;
}
