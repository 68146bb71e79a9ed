namespace SimNet.Index.Tests;

/// <summary>Walks over the links of a graph, independently of how it is built and searched.</summary>
internal static class GraphWalk
{
    /// <summary>Asserts that every row is reachable from every other one, and that links are well formed.</summary>
    public static unsafe void AssertStronglyConnected(NeighborGraph graph)
    {
        int maxDegree = graph.Options.MaxDegree;
        AssertStronglyConnected(new ReadOnlySpan<int>(graph.Graph.Links, graph.Count * maxDegree).ToArray(), graph.Count, maxDegree);
    }

    /// <summary>Asserts the same of links, <paramref name="maxDegree"/> for each row.</summary>
    public static void AssertStronglyConnected(int[] links, int count, int maxDegree)
    {
        var forward = new List<int>[count];
        List<int>[] backward = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        for (int row = 0; row < count; row++)
        {
            int[] all = links[(row * maxDegree)..((row + 1) * maxDegree)];
            forward[row] = [.. all.TakeWhile(other => other != GraphLinks.None)];
            Assert.All(all.Skip(forward[row].Count), other => Assert.Equal(GraphLinks.None, other));
            Assert.Equal(forward[row].Count, forward[row].Distinct().Count());
            Assert.DoesNotContain(row, forward[row]);
            forward[row].ForEach(other => backward[other].Add(row));
        }

        Assert.Equal(count, CountReachable(forward));
        Assert.Equal(count, CountReachable(backward));
    }

    private static int CountReachable(List<int>[] neighbors)
    {
        var seen = new HashSet<int> { 0 };
        var open = new Queue<int>([0]);
        while (open.TryDequeue(out int row))
        {
            foreach (int other in neighbors[row].Where(seen.Add))
            {
                open.Enqueue(other);
            }
        }

        return seen.Count;
    }
}
