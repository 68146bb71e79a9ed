namespace SimNet.Index.Tests;

public sealed class RecallWatchTests
{
    private const int Dimensions = 32;
    private const int Count = 8000;

    [Fact]
    public async Task Vectors_unlike_the_built_ones_ask_for_a_compaction()
    {
        // Seen from far away, all rows are about equally near, and links to near rows do not lead to the nearest.
        using UpdatableIndex index = Build();
        Assert.True(index.EstimatedRecall!.LowerBound > 0.9);
        Add(index, TestData.Gaussian(1600, Dimensions, 42), scale: 1000);
        Assert.True(index.NeedsCompaction);
        Assert.True(index.EstimatedRecall!.UpperBound < 0.95);
        await index.CompactAsync();
        Assert.False(index.NeedsCompaction);
        Assert.True(index.EstimatedRecall!.LowerBound > 0.9);
    }

    [Fact]
    public void Vectors_like_the_built_ones_do_not()
    {
        using UpdatableIndex index = Build();
        RecallEstimate? built = index.EstimatedRecall;
        Add(index, TestData.Clustered(1600, Dimensions, 40, 43), scale: 1);
        Assert.False(index.NeedsCompaction);
        Assert.Equal(built, index.EstimatedRecall);
    }

    [Fact]
    public void An_exact_index_never_does()
    {
        using var index = new UpdatableIndex(ExactIndex.Build(TestData.Gaussian(100, Dimensions, 44), Dimensions, Metric.Euclidean));
        Add(index, TestData.Gaussian(1000, Dimensions, 45), scale: 1000);
        Assert.False(index.NeedsCompaction);
        Assert.Equal(RecallEstimate.Exact, index.EstimatedRecall);
    }

    private static UpdatableIndex Build() =>
        new(NeighborGraph.Build(TestData.Clustered(Count, Dimensions, 40, 41), Dimensions, Metric.Euclidean));

    private static void Add(UpdatableIndex index, float[] vectors, float scale)
    {
        float[] scaled = [.. vectors.Select(value => scale * value)];
        for (int row = 0; row < vectors.Length / Dimensions; row++)
        {
            index.Add(TestData.Row(scaled, Dimensions, row));
        }
    }
}
