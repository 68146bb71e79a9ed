using System.Numerics.Tensors;

namespace SimNet.Benchmarks;

/// <summary>
/// More vectors than there are images, distributed as embeddings of images are. The real ones come first. Each further one is a real vector
/// a, moved a random share of the way to b, one of its ten nearest real neighbors, plus Gaussian noise whose length is a tenth of the
/// distance from a to its tenth neighbor, scaled to length one as the real ones are. So density, clusters and local dimension follow the
/// real data, and the queries, which are held-out real vectors, are no nearer to synthetic vectors than to real ones.
/// </summary>
internal static class SyntheticVectors
{
    private const int Neighbors = 10;
    private const double Noise = 0.1;

    /// <summary>Creates a set of <paramref name="count"/> rows.</summary>
    /// <param name="real">Real vectors of length one, in random order; the last <paramref name="queries"/> become the queries.</param>
    /// <param name="dimensions">The dimensions of a vector.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="queries">The number of queries.</param>
    /// <exception cref="ArgumentException">There are too few real vectors to hold out the queries.</exception>
    public static VectorSet Create(float[] real, int dimensions, int count, int queries)
    {
        int realCount = (real.Length / dimensions) - queries;
        if (realCount <= Neighbors)
        {
            throw new ArgumentException($"{real.Length / dimensions} real vectors are too few to hold out {queries} queries.");
        }

        float[] heldOut = real[(realCount * dimensions)..];
        if (count <= realCount)
        {
            return new VectorSet(real[..(count * dimensions)], heldOut, dimensions);
        }

        float[] sources = real[..(realCount * dimensions)];
        (int[] ids, double[] distances) = GroundTruth.Find(new VectorSet(sources, sources, dimensions), Neighbors + 1);
        var rows = new float[(long)count * dimensions];
        sources.CopyTo(rows, 0);
        Parallel.For(realCount, count, row =>
        {
            var random = new SeededRandom(row, dimensions);
            int a = random.NextInt32(realCount);

            // The nearest to a is a itself, or a duplicate, which serves as well.
            int b = ids[(a * (Neighbors + 1)) + 1 + random.NextInt32(Neighbors)];
            float share = random.NextSingle();
            double scale = Noise * distances[(a * (Neighbors + 1)) + Neighbors] / Math.Sqrt(dimensions);
            Span<float> synthetic = rows.AsSpan(row * dimensions, dimensions);
            ReadOnlySpan<float> from = sources.AsSpan(a * dimensions, dimensions), to = sources.AsSpan(b * dimensions, dimensions);
            for (int i = 0; i < dimensions; i++)
            {
                synthetic[i] = from[i] + (share * (to[i] - from[i])) + (float)(scale * random.NextGaussian());
            }

            TensorPrimitives.Divide(synthetic, TensorPrimitives.Norm<float>(synthetic), synthetic);
        });
        return new VectorSet(rows, heldOut, dimensions);
    }
}
