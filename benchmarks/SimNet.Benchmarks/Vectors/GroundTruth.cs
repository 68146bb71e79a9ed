using System.Numerics.Tensors;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>The true neighbors: a scan of all rows in double precision. It shares no code with the indexes.</summary>
internal static class GroundTruth
{
    /// <summary>Queries that share one pass over the rows.</summary>
    private const int GroupSize = 16;

    /// <summary>The share of a distance by which two may differ and count as equal.</summary>
    private const double RelativeTolerance = 1e-6;

    /// <summary>
    /// The ids and distances of the k nearest rows to each query, nearest first, equal distances by row. The distance of the inner product
    /// is its negative, and that of cosine 1 minus the cosine, 1 where a vector is zero.
    /// </summary>
    public static (int[] Ids, double[] Distances) Find(VectorSet data, int k)
    {
        k = Math.Min(k, data.Count);
        var ids = new int[data.QueryCount * k];
        var distances = new double[data.QueryCount * k];
        Parallel.For(0, (data.QueryCount + GroupSize - 1) / GroupSize, group =>
        {
            int first = group * GroupSize, count = Math.Min(GroupSize, data.QueryCount - first);
            var nearest = new (double Distance, int Row)[count][];
            var queries = new double[count][];
            for (int q = 0; q < count; q++)
            {
                nearest[q] = new (double, int)[k];
                Array.Fill(nearest[q], (double.PositiveInfinity, -1));
                queries[q] = new double[data.Dimensions];
                TensorPrimitives.ConvertTruncating(data.Query(first + q), queries[q]);
            }

            double[] norms = [.. queries.Select(query => TensorPrimitives.Norm<double>(query))];
            var vector = new double[data.Dimensions];
            for (int row = 0; row < data.Count; row++)
            {
                TensorPrimitives.ConvertTruncating(data.Row(row), vector);
                double norm = data.Metric == Metric.Cosine ? TensorPrimitives.Norm<double>(vector) : 0;
                for (int q = 0; q < count; q++)
                {
                    Insert(nearest[q], Distance(data.Metric, queries[q], norms[q], vector, norm), row);
                }
            }

            for (int q = 0; q < count; q++)
            {
                // Sums in the order that recall's have, so that distances of equal rows are equal.
                int at = (first + q) * k;
                foreach ((double distance, int row) in nearest[q].Select(near => (Distance(data, first + q, near.Row), near.Row)).Order())
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
        double farthest = trueDistances[^1] + (RelativeTolerance * Math.Abs(trueDistances[^1]));
        int near = found.ToArray().Distinct().Count(row => row >= 0 && Distance(data, query, row) <= farthest);
        return (double)Math.Min(near, trueDistances.Length) / trueDistances.Length;
    }

    /// <summary>The distance between a query and a row.</summary>
    public static double Distance(VectorSet data, int query, int row)
    {
        ReadOnlySpan<float> a = data.Query(query), b = data.Row(row);
        double squares = 0, product = 0, squaresA = 0, squaresB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = (double)a[i] - b[i];
            squares += difference * difference;
            product += (double)a[i] * b[i];
            squaresA += (double)a[i] * a[i];
            squaresB += (double)b[i] * b[i];
        }

        return data.Metric switch
        {
            Metric.Euclidean => Math.Sqrt(squares),
            Metric.Cosine => Cosine(product, Math.Sqrt(squaresA * squaresB)),
            _ => -product,
        };
    }

    private static double Distance(Metric metric, double[] query, double queryNorm, double[] row, double rowNorm) => metric switch
    {
        Metric.Euclidean => TensorPrimitives.Distance<double>(query, row),
        Metric.Cosine => Cosine(TensorPrimitives.Dot<double>(query, row), queryNorm * rowNorm),
        _ => -TensorPrimitives.Dot<double>(query, row),
    };

    private static double Cosine(double product, double norms) => norms == 0 ? 1 : 1 - (product / norms);

    private static void Insert((double Distance, int Row)[] sorted, double distance, int row)
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
