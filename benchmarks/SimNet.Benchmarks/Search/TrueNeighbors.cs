using System.Numerics.Tensors;
using SimNet.Evaluation;

namespace SimNet.Benchmarks;

/// <summary>The oracle: by Euclidean distance in double, over all rows, with nothing of the indexes under test.</summary>
internal static class TrueNeighbors
{
    /// <summary>Queries that share one reading of the rows.</summary>
    private const int Together = 16;

    /// <summary>Candidates taken by float32 distance beyond those wanted: more than its rounding can displace.</summary>
    private const int Spare = 22;

    /// <summary>Each query's nearest rows, nearest first, equal distances by row: ids and distances, <paramref name="k"/> a query.</summary>
    public static (int[] Ids, double[] Distances) Find(VectorSet data, int k)
    {
        k = Math.Min(k, data.Count);
        var ids = new int[data.QueryCount * k];
        var distances = new double[data.QueryCount * k];
        int candidates = Math.Min(k + Spare, data.Count);
        Parallel.For(0, (data.QueryCount + Together - 1) / Together, group =>
        {
            int first = group * Together, count = Math.Min(Together, data.QueryCount - first);
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
                foreach ((double distance, int row) in nearest[q].Select(near => (Distance(data, first + q, near.Row), near.Row)).Order().Take(k))
                {
                    (ids[at], distances[at]) = (row, distance);
                    at++;
                }
            }
        });
        return (ids, distances);
    }

    /// <summary>
    /// The share of the k nearest that a search found, by distance, so that of equally near rows any will do: computed anew from the
    /// rows it named, of which each counts once.
    /// </summary>
    /// <param name="data">The vectors.</param>
    /// <param name="query">The query's number.</param>
    /// <param name="found">What the search found.</param>
    /// <param name="trueDistances">The distances of its k nearest rows.</param>
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
