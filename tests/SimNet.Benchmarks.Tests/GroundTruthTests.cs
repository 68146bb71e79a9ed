using SimNet.Index;

namespace SimNet.Benchmarks.Tests;

public sealed class GroundTruthTests
{
    [Theory]
    [InlineData(500, 37, 10)]
    [InlineData(40, 5, 10)]
    [InlineData(7, 3, 10)]
    public void Neighbors_are_those_of_sorting_all_distances(int count, int queries, int k)
    {
        VectorSet data = TestData.Clustered(count, queries, dimensions: 24, seed: 1);

        (int[] ids, double[] distances) = GroundTruth.Find(data, k);

        int found = Math.Min(k, count);
        Assert.Equal(queries * found, ids.Length);
        for (int q = 0; q < queries; q++)
        {
            (double Distance, int Row)[] expected =
                [.. Enumerable.Range(0, count).Select(row => (TestData.Distance(data.Query(q), data.Row(row)), row)).Order().Take(found)];
            Assert.Equal(expected.Select(near => near.Row), ids[(q * found)..((q + 1) * found)]);
            Assert.Equal(expected.Select(near => near.Distance), distances[(q * found)..((q + 1) * found)]);
        }
    }

    [Fact]
    public void Distances_beyond_the_precision_of_float32_are_ranked_correctly()
    {
        // Squared distances from 2^27 on, a few apart: float32 values are 16 apart there, so only double precision separates them.
        const int Dimensions = 3;
        float[] rows = [.. Enumerable.Range(0, 200).SelectMany(i => (float[])[8192, 8192, (i * 37) % 200])];
        var data = new VectorSet(rows, new float[Dimensions], Dimensions);

        int[] ids = GroundTruth.Find(data, 5).Ids;

        Assert.Equal(Enumerable.Range(0, 200).OrderBy(row => TestData.Distance(data.Query(0), data.Row(row))).Take(5), ids);
    }

    [Theory]
    [InlineData(Metric.Cosine, 0)]
    [InlineData(Metric.InnerProduct, -6)]
    public void Neighbors_are_those_of_the_metric(Metric metric, double nearest)
    {
        // A row of zeros, the query's direction, the longest row along it, its opposite.
        var data = new VectorSet([0, 0, 1, 1, 1, 5, -1, -1], [1, 1], 2, metric);

        (int[] ids, double[] distances) = GroundTruth.Find(data, 4);

        Assert.Equal(metric == Metric.Cosine ? [1, 2, 0, 3] : [2, 1, 0, 3], ids);
        Assert.Equal(nearest, distances[0], 1e-12);
        Assert.Equal(metric == Metric.Cosine ? [1, 2] : [0, 2], distances[2..].Select(distance => Math.Round(distance, 12)));
    }

    [Fact]
    public void Recall_of_products_counts_the_larger_ones()
    {
        var data = new VectorSet([1, 0, 3, 0, 2, 0, -1, 0], [1, 0], 2, Metric.InnerProduct);
        double[] exact = GroundTruth.Find(data, 2).Distances;

        Assert.Equal([-3, -2], exact);
        Assert.Equal(1, GroundTruth.Recall(data, 0, [2, 1], exact));
        Assert.Equal(0.5, GroundTruth.Recall(data, 0, [1, 0], exact));
    }

    [Fact]
    public void Recall_counts_any_row_at_the_true_distance_and_each_row_once()
    {
        var data = new VectorSet([1, 0, 0, 1, 0, 0, 0, 3], [0, 0], 2);
        double[] exact = GroundTruth.Find(data, 2).Distances;

        Assert.Equal([0, 1], exact);
        Assert.Equal(1, GroundTruth.Recall(data, 0, [2, 0], exact));
        Assert.Equal(1, GroundTruth.Recall(data, 0, [2, 1], exact));
        Assert.Equal(0.5, GroundTruth.Recall(data, 0, [2, 2], exact));
        Assert.Equal(0.5, GroundTruth.Recall(data, 0, [2, 3], exact));
        Assert.Equal(0.5, GroundTruth.Recall(data, 0, [2, -1], exact));
    }
}
