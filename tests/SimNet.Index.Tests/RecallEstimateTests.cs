namespace SimNet.Index.Tests;

public sealed class RecallEstimateTests
{
    [Theory]
    [InlineData(50, 100, 0.4038, 0.5962)]
    [InlineData(1, 10, 0.0179, 0.4042)]
    [InlineData(90, 100, 0.8256, 0.9448)]
    public void The_interval_of_single_neighbors_is_the_score_interval(int found, int queries, double lower, double upper)
    {
        // Published values of the interval of a binomial proportion.
        int[] hits = [.. Enumerable.Range(0, queries).Select(query => query < found ? 1 : 0)];
        RecallEstimate estimate = RecallEstimate.Of(hits, 1, 64);
        Assert.Equal((double)found / queries, estimate.Recall, 12);
        Assert.Equal(lower, estimate.LowerBound, 4e-4);
        Assert.Equal(upper, estimate.UpperBound, 4e-4);
    }

    [Fact]
    public void Without_a_miss_the_interval_depends_on_the_number_of_queries()
    {
        RecallEstimate estimate = RecallEstimate.Of(Enumerable.Repeat(10, 256).ToArray(), 10, 64);
        Assert.Equal(1, estimate.Recall);
        Assert.Equal(0, estimate.StandardError);
        Assert.Equal(256 / (256 + (1.959964 * 1.959964)), estimate.LowerBound, 6);
        Assert.Equal(1, estimate.UpperBound);
    }

    [Fact]
    public void The_interval_covers_the_recall_in_about_95_of_100_samples()
    {
        // Each query finds all of its neighbors or half of them, so that they are anything but independent.
        var random = new SeededRandom(5);
        int covered = 0;
        for (int sample = 0; sample < 1000; sample++)
        {
            var hits = new int[256];
            foreach (ref int hit in hits.AsSpan())
            {
                hit = random.NextDouble() < 0.8 ? 10 : 5;
            }

            RecallEstimate estimate = RecallEstimate.Of(hits, 10, 64);
            covered += estimate.LowerBound <= 0.9 && estimate.UpperBound >= 0.9 ? 1 : 0;
        }

        Assert.InRange(covered, 930, 975);
    }

    [Fact]
    public void The_estimate_of_an_exact_index_is_certain()
    {
        using ExactIndex index = ExactIndex.Build([1, 2, 3], 1, Metric.Euclidean);
        Assert.Equal(RecallEstimate.Exact, index.EstimatedRecall);
        Assert.Equal((1.0, 1.0), (index.EstimatedRecall.LowerBound, index.EstimatedRecall.UpperBound));
    }
}
