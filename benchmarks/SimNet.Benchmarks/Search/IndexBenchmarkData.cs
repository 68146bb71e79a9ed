namespace SimNet.Benchmarks;

/// <summary>Vectors in a hundred clusters, as embeddings of products are.</summary>
internal static class IndexBenchmarkData
{
    public static float[] Clustered(int count, int dimensions)
    {
#pragma warning disable CA5394 // Benchmark data needs no secure randomness.
        var random = new Random(1);
        float[] centers = [.. Enumerable.Range(0, 100 * dimensions).Select(_ => random.NextSingle())];
        float[] vectors = new float[count * dimensions];
        for (int row = 0; row < count; row++)
        {
            int center = random.Next(100) * dimensions;
            for (int i = 0; i < dimensions; i++)
            {
                vectors[(row * dimensions) + i] = centers[center + i] + (0.5f * random.NextSingle());
            }
        }
#pragma warning restore CA5394

        return vectors;
    }
}
