using System.Numerics.Tensors;

namespace SimNet.Benchmarks;

/// <summary>
/// More vectors than there are pictures, lying as embeddings of pictures lie. The real ones come first; each further one is a real vector a,
/// moved a share of chance of the way to b, one of its ten nearest real neighbours, plus Gaussian noise whose length is a tenth of the
/// distance from a to its tenth neighbour; then scaled to length one as the real ones are. So density, clusters and local dimension
/// follow the real data, and the queries, real ones held out, are no nearer to the made ones than to their like.
/// </summary>
internal static class MadeVectors
{
    private const int Neighbors = 10;
    private const double Noise = 0.1;

    /// <summary>A set of so many rows.</summary>
    /// <param name="real">Real vectors of length one, in an order of chance; the last <paramref name="queries"/> become the queries.</param>
    /// <param name="dimensions">How many numbers a vector has.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="queries">How many queries.</param>
    public static VectorSet Make(float[] real, int dimensions, int count, int queries)
    {
        int realCount = (real.Length / dimensions) - queries;
        if (realCount <= Neighbors)
        {
            throw new ArgumentException($"{real.Length / dimensions} real vectors are too few to hold out {queries} queries.");
        }

        float[] asked = real[(realCount * dimensions)..];
        if (count <= realCount)
        {
            return new VectorSet(real[..(count * dimensions)], asked, dimensions);
        }

        float[] sources = real[..(realCount * dimensions)];
        (int[] ids, double[] distances) = TrueNeighbors.Find(new VectorSet(sources, sources, dimensions), Neighbors + 1);
        var rows = new float[(long)count * dimensions];
        sources.CopyTo(rows, 0);
        Parallel.For(realCount, count, row =>
        {
            var random = new SeededRandom(row, dimensions);
            int a = random.NextInt32(realCount);

            // The nearest to a is a itself, or a duplicate: as good.
            int b = ids[(a * (Neighbors + 1)) + 1 + random.NextInt32(Neighbors)];
            float share = random.NextSingle();
            double scale = Noise * distances[(a * (Neighbors + 1)) + Neighbors] / Math.Sqrt(dimensions);
            Span<float> made = rows.AsSpan(row * dimensions, dimensions);
            ReadOnlySpan<float> from = sources.AsSpan(a * dimensions, dimensions), to = sources.AsSpan(b * dimensions, dimensions);
            for (int i = 0; i < dimensions; i++)
            {
                made[i] = from[i] + (share * (to[i] - from[i])) + (float)(scale * random.NextGaussian());
            }

            TensorPrimitives.Divide(made, TensorPrimitives.Norm<float>(made), made);
        });
        return new VectorSet(rows, asked, dimensions);
    }
}
