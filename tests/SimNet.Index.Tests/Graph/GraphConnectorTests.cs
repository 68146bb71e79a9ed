namespace SimNet.Index.Tests;

public sealed class GraphConnectorTests
{
    [Theory]
    [InlineData(1, 4, 0)]
    [InlineData(2, 4, 0)]
    [InlineData(50, 4, 0)]
    [InlineData(300, 4, 1)]
    [InlineData(300, 4, 4)]
    [InlineData(300, 8, 8)]
    public unsafe void Any_links_become_strongly_connected(int count, int maxDegree, int degree)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new SeededRandom(seed);
            var links = new int[count * maxDegree];
            Array.Fill(links, GraphLinks.None);
            for (int row = 0; row < count; row++)
            {
                // Within blocks of ten rows, so that most rows cannot be reached from most others.
                int block = row / 10 * 10, size = Math.Min(10, count - block);
                int[] others = [.. Enumerable.Range(block, size).Where(other => other != row)];
                random.Shuffle<int>(others);
                others.AsSpan(0, Math.Min(degree, others.Length)).CopyTo(links.AsSpan(row * maxDegree));
            }

            int root = random.NextInt32(count);
            fixed (int* start = links)
            {
                var connector = new GraphConnector(start, count, maxDegree, root, _ => new CandidatePool(), CancellationToken.None);
                connector.Connect();
            }

            GraphWalk.AssertStronglyConnected(links, count, maxDegree);
        }
    }

    [Fact]
    public unsafe void Connected_links_are_left_alone()
    {
        int[] links = [1, -1, 2, -1, 3, -1, 0, -1], before = [.. links];
        fixed (int* start = links)
        {
            var connector = new GraphConnector(
                start, 4, 2, 0, _ => throw new InvalidOperationException("nothing to search for"), CancellationToken.None);
            connector.Connect();
            Assert.Equal(0, connector.AddedCount);
        }

        Assert.Equal(before, links);
    }
}
