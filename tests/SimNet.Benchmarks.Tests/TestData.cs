namespace SimNet.Benchmarks.Tests;

internal static class TestData
{
    /// <summary>Vectors of length one around some centres, then as many queries of the same kind.</summary>
    public static VectorSet Clustered(int count, int queries, int dimensions, long seed)
    {
        var random = new SeededRandom(seed);
        const int Centres = 20;
        double[] centres = [.. Enumerable.Range(0, Centres * dimensions).Select(_ => random.NextGaussian())];
        var rows = new float[(count + queries) * dimensions];
        for (int row = 0; row < count + queries; row++)
        {
            int centre = random.NextInt32(Centres);
            for (int i = 0; i < dimensions; i++)
            {
                rows[(row * dimensions) + i] = (float)(centres[(centre * dimensions) + i] + (0.4 * random.NextGaussian()));
            }
        }

        PictureEmbeddings.Normalize(rows, dimensions);
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
