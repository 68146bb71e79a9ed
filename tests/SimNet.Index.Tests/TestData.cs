namespace SimNet.Index.Tests;

/// <summary>Test vectors from a seed, row by row.</summary>
internal static class TestData
{
    public static readonly Metric[] Metrics = [Metric.Euclidean, Metric.Cosine, Metric.InnerProduct];

    /// <summary>Independent normally distributed values, without any structure.</summary>
    public static float[] Gaussian(int count, int dimensions, long seed)
    {
        var random = new SeededRandom(seed);
        var vectors = new float[count * dimensions];
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = (float)random.NextGaussian();
        }

        return vectors;
    }

    /// <summary>Integers from -2 to 2: sums are exact, and ties and duplicates are frequent.</summary>
    public static float[] Integers(int count, int dimensions, long seed)
    {
        var random = new SeededRandom(seed);
        var vectors = new float[count * dimensions];
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = random.NextInt32(5) - 2;
        }

        return vectors;
    }

    /// <summary>Points around well separated centers, like embeddings of products.</summary>
    public static float[] Clustered(int count, int dimensions, int clusters, long seed)
    {
        float[] centers = Gaussian(clusters, dimensions, 77);
        float[] vectors = Gaussian(count, dimensions, seed);
        var random = new SeededRandom(seed, 1);
        for (int row = 0; row < count; row++)
        {
            int cluster = random.NextInt32(clusters);
            for (int i = 0; i < dimensions; i++)
            {
                vectors[(row * dimensions) + i] = centers[(cluster * dimensions) + i] + (0.4f * vectors[(row * dimensions) + i]);
            }
        }

        return vectors;
    }

    public static ReadOnlySpan<float> Row(float[] vectors, int dimensions, int row) => vectors.AsSpan(row * dimensions, dimensions);

    public static Neighbor[] Search(IVectorIndex index, ReadOnlySpan<float> query, int count, SearchOptions options = default)
    {
        var results = new Neighbor[count];
        return results[..index.Search(query, results, options)];
    }

    public static float[] Vector(IVectorIndex index, int id)
    {
        var vector = new float[index.Dimensions];
        index.GetVector(id, vector);
        return vector;
    }

    /// <summary>For each metric, the checksum of the file of an index of 400 fixed vectors of 70 components.</summary>
    public static List<string> FileChecksums(Func<float[], Metric, IVectorIndex> build)
    {
        var random = new SeededRandom(2026);
        float[] vectors = new float[400 * 70];
        foreach (ref float number in vectors.AsSpan())
        {
            number = random.NextSingle() - 0.3f;
        }

        using var folder = new TemporaryFolder();
        var checksums = new List<string>();
        foreach (Metric metric in Metrics)
        {
            using IVectorIndex index = build(vectors, metric);
            index.Save(folder.File("index"));
            checksums.Add(IndexFileHeader.Checksum(File.ReadAllBytes(folder.File("index"))).ToString("x8", null));
        }

        return checksums;
    }
}
