using SimNet.Benchmarks;

namespace SimNet.Index.Tests;

/// <summary>A search starts at any entry point, so it can find every row only if each row is reachable from each other one.</summary>
public sealed class GraphReachabilityTests
{
    public static TheoryData<string> Names => new(HardSet.All.Select(set => set.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void All_rows_of_a_hard_set_reach_each_other(string name)
    {
        HardSet set = HardSet.All.Single(set => set.Name == name);
        float[] rows = set.Create(1000, 1, seed: 1).Rows;
        using NeighborGraph graph = NeighborGraph.Build(
            rows, set.Dimensions, set.Metric, new() { MaxDegree = 8, BuildEffort = 20, TargetRecall = null });
        GraphWalk.AssertStronglyConnected(graph);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(33)]
    [InlineData(200)]
    public void All_rows_of_a_small_graph_reach_each_other(int count)
    {
        foreach (Metric metric in TestData.Metrics)
        {
            for (int seed = 0; seed < 5; seed++)
            {
                // Integers have duplicates and zeros.
                using NeighborGraph graph = NeighborGraph.Build(
                    TestData.Integers(count, 3, seed), 3, metric, new() { MaxDegree = 4, BuildEffort = 4, Seed = seed });
                GraphWalk.AssertStronglyConnected(graph);
            }
        }
    }

    [Fact]
    public async Task All_rows_reach_each_other_after_updates()
    {
        // What is added lies far from what the graph is built from.
        float[] first = TestData.Clustered(600, 8, 5, 1), added = [.. TestData.Clustered(600, 8, 5, 2).Select(value => value + 100)];
        using var index = new UpdatableIndex(NeighborGraph.Build(first, 8, Metric.Euclidean, new() { MaxDegree = 6, BuildEffort = 12 }));
        for (int row = 0; row < 600; row++)
        {
            index.Add(TestData.Row(added, 8, row));
            index.Remove(row / 2 * 3 % 600);
        }

        await index.CompactAsync();
        GraphWalk.AssertStronglyConnected(Assert.IsType<NeighborGraph>(index.State.Built));
    }
}
