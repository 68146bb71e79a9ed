using System.Numerics.Tensors;
using SimNet.Evaluation;

namespace SimNet.Benchmarks;

/// <summary>The true neighbors by Euclidean distance in double precision. The scan shares no code with the indexes.</summary>
internal static class GroundTruth
{
    /// <summary>Queries that share one pass over the rows.</summary>
    private const int GroupSize = 16;

    /// <summary>Candidates by float32 distance beyond those wanted: more than rounding can displace.</summary>
    private const int SpareCandidates = 22;

    /// <summary>The ids and distances of the k nearest rows to each query, nearest first, equal distances by row.</summary>
    public static (int[] Ids, double[] Distances) Find(VectorSet data, int k)
    {
        k = Math.Min(k, data.Count);
        var ids = new int[data.QueryCount * k];
        var distances = new double[data.QueryCount * k];
        int candidates = Math.Min(k + SpareCandidates, data.Count);
        Parallel.For(0, (data.QueryCount + GroupSize - 1) / GroupSize, group =>
        {
            int first = group * GroupSize, count = Math.Min(GroupSize, data.QueryCount - first);
            var nearest = new (float Distance, int Row)[count][];
            for (int q = 0; q < count; q++)
            {
                nearest[q] = new (float, int)[candidates];
                Array.Fill(nearest[q], (float.PositiveInfinity, -1));
            }

            for (int row = 0; row < data.Count; row++)
            {
                ReadOnlySpan<float> vector = data.Row(row);
                for (int q = 0; q < count; q++)
                {
                    Insert(nearest[q], TensorPrimitives.Distance(data.Query(first + q), vector), row);
                }
            }

            for (int q = 0; q < count; q++)
            {
                int at = (first + q) * k;
                IEnumerable<(double, int)> exact = nearest[q].Select(near => (Distance(data, first + q, near.Row), near.Row));
                foreach ((double distance, int row) in exact.Order().Take(k))
                {
                    (ids[at], distances[at]) = (row, distance);
                    at++;
                }
            }
        });
        return (ids, distances);
    }

    /// <summary>
    /// The share of the k nearest rows that a search finds, by distance, so that any of several equally near rows counts. Distances are
    /// computed from the rows that the search returns, and each row counts once.
    /// </summary>
    /// <param name="data">The vectors.</param>
    /// <param name="query">The query's number.</param>
    /// <param name="found">The rows that the search returns.</param>
    /// <param name="trueDistances">The distances of the k nearest rows.</param>
    public static double Recall(VectorSet data, int query, ReadOnlySpan<int> found, ReadOnlySpan<double> trueDistances)
    {
        float[] distances = [.. found.ToArray().Distinct().Where(row => row >= 0).Select(row => (float)Distance(data, query, row)).Order()];
        float[] exact = [.. trueDistances.ToArray().Select(distance => (float)distance)];
        return SearchQuality.RecallByDistance(distances, exact, relativeTolerance: 1e-6);
    }

    private static double Distance(VectorSet data, int query, int row)
    {
        ReadOnlySpan<float> a = data.Query(query), b = data.Row(row);
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = (double)a[i] - b[i];
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }

    private static void Insert((float Distance, int Row)[] sorted, float distance, int row)
    {
        int at = sorted.Length - 1;
        if (distance >= sorted[at].Distance)
        {
            return;
        }

        for (; at > 0 && sorted[at - 1].Distance > distance; at--)
        {
            sorted[at] = sorted[at - 1];
        }

        sorted[at] = (distance, row);
    }
}
