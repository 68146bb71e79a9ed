namespace SimNet.Benchmarks.Tests;

internal static class TestData
{
    /// <summary>Vectors of length one in twenty clusters, and queries from the same clusters.</summary>
    public static VectorSet Clustered(int count, int queries, int dimensions, long seed)
    {
        var random = new SeededRandom(seed);
        const int Centers = 20;
        double[] centers = [.. Enumerable.Range(0, Centers * dimensions).Select(_ => random.NextGaussian())];
        var rows = new float[(count + queries) * dimensions];
        for (int row = 0; row < count + queries; row++)
        {
            int center = random.NextInt32(Centers);
            for (int i = 0; i < dimensions; i++)
            {
                rows[(row * dimensions) + i] = (float)(centers[(center * dimensions) + i] + (0.4 * random.NextGaussian()));
            }
        }

        ImageEmbeddings.Normalize(rows, dimensions);
        return new VectorSet(rows[..(count * dimensions)], rows[(count * dimensions)..], dimensions);
    }

    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        }

        return Math.Sqrt(sum);
    }
}
