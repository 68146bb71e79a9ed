using SimNet.Index;

namespace SimNet.Benchmarks.Tests;

public sealed class BaselineTests
{
    public static TheoryData<string> Baselines => new(["scan", "lsh-forest", "kd-forest"]);

    [Theory]
    [MemberData(nameof(Baselines))]
    public void An_effort_of_all_rows_gives_the_exact_answer(string kind)
    {
        VectorSet data = TestData.Clustered(400, 20, dimensions: 16, seed: 2);
        foreach (IndexSetting setting in IndexSetting.OfKinds([kind]))
        {
            using IMeasuredIndex index = setting.Create(data, 2);
            Assert.Equal(1, Recall(index, data, effort: data.Count));
        }
    }

    [Theory]
    [InlineData("lsh-forest")]
    [InlineData("kd-forest")]
    public void Recall_grows_with_effort_and_little_effort_beats_chance(string kind)
    {
        VectorSet data = TestData.Clustered(5000, 100, dimensions: 32, seed: 3);
        using IMeasuredIndex index = IndexSetting.OfKinds([kind]).First().Create(data, 1);

        double[] recalls = [.. ((int[])[50, 200, 1000, 5000]).Select(effort => Recall(index, data, effort))];

        // 50 of 5,000 rows, chosen at random, would hold a hundredth of the neighbors.
        Assert.True(recalls[0] > 0.1, $"recall {recalls[0]} at effort 50");
        Assert.Equal(recalls.Order(), recalls);
        Assert.True(recalls[2] > recalls[0], $"recalls {string.Join(", ", recalls)}");
        Assert.Equal(1, recalls[^1]);
    }

    [Theory]
    [MemberData(nameof(Baselines))]
    public void Hundreds_of_duplicates_and_of_zero_vectors_are_found(string kind)
    {
        float[] rows = [.. Enumerable.Repeat(0f, 300 * 4), .. Enumerable.Repeat(1f, 300 * 4), 5, 5, 5, 5];
        var data = new VectorSet(rows, [1, 1, 1, 1], 4);
        using IMeasuredIndex index = IndexSetting.OfKinds([kind]).First().Create(data, 1);
        var results = new Neighbor[10];

        Assert.Equal(10, index.Search(data.Query(0), results, effort: data.Count));
        Assert.Equal(Enumerable.Range(300, 10), results.Select(neighbor => neighbor.Id));
        Assert.All(results, neighbor => Assert.Equal(0, neighbor.Distance));
    }

    [Theory]
    [MemberData(nameof(Baselines))]
    public void A_single_row_is_found(string kind)
    {
        var data = new VectorSet([3, 4], [0, 0], 2);
        using IMeasuredIndex index = IndexSetting.OfKinds([kind]).First().Create(data, 1);
        var results = new Neighbor[10];

        Assert.Equal(1, index.Search(data.Query(0), results, effort: 10));
        Assert.Equal(new Neighbor(0, 5), results[0]);
    }

    [Theory]
    [InlineData("lsh-forest")]
    [InlineData("kd-forest")]
    public void The_number_of_threads_does_not_change_the_index(string kind)
    {
        VectorSet data = TestData.Clustered(2000, 50, dimensions: 16, seed: 4);
        IndexSetting setting = IndexSetting.OfKinds([kind]).First();
        using IMeasuredIndex one = setting.Create(data, 1);
        using IMeasuredIndex many = setting.Create(data, 3);
        var first = new Neighbor[10];
        var second = new Neighbor[10];
        for (int q = 0; q < data.QueryCount; q++)
        {
            int count = one.Search(data.Query(q), first, 60);
            Assert.Equal(count, many.Search(data.Query(q), second, 60));
            Assert.Equal(first, second);
        }
    }

    private static double Recall(IMeasuredIndex index, VectorSet data, int effort)
    {
        double[] exact = GroundTruth.Find(data, 10).Distances;
        var results = new Neighbor[10];
        double sum = 0;
        for (int q = 0; q < data.QueryCount; q++)
        {
            int count = index.Search(data.Query(q), results, effort);
            sum += GroundTruth.Recall(data, q, [.. results[..count].Select(neighbor => neighbor.Id)], exact.AsSpan(q * 10, 10));
        }

        return sum / data.QueryCount;
    }
}
