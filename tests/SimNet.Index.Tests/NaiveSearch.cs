namespace SimNet.Index.Tests;

/// <summary>The definition of the metrics and of search, in double precision and without optimization.</summary>
internal static class NaiveSearch
{
    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Metric metric)
    {
        double product = 0, squaresA = 0, squaresB = 0, difference = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            squaresA += (double)a[i] * a[i];
            squaresB += (double)b[i] * b[i];
            difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        }

        return metric switch
        {
            Metric.Euclidean => Math.Sqrt(difference),
            Metric.Cosine => squaresA == 0 || squaresB == 0 ? 1 : 1 - (product / Math.Sqrt(squaresA * squaresB)),
            _ => -product,
        };
    }

    public static (int Id, double Distance)[] Search(
        float[] vectors, int dimensions, Metric metric, float[] query, int count, Func<int, bool>? filter = null) =>
        [.. Enumerable.Range(0, vectors.Length / dimensions)
            .Where(filter ?? (_ => true))
            .Select(row => (Id: row, Distance: Distance(query, TestData.Row(vectors, dimensions, row), metric)))
            .OrderBy(found => found.Distance)
            .ThenBy(found => found.Id)
            .Take(count)];
}
