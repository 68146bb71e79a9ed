namespace SimNet.Index.Tests;

public sealed class ExactIndexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(784)]
    [InlineData(4096)]
    public void Search_finds_what_a_double_loop_finds(int dimensions)
    {
        float[] vectors = TestData.Gaussian(100, dimensions, 3);
        float[] query = TestData.Gaussian(1, dimensions, 4);
        foreach (Metric metric in TestData.Metrics)
        {
            using ExactIndex index = ExactIndex.Build(vectors, dimensions, metric);
            Neighbor[] found = TestData.Search(index, query, 10);
            (int Id, double Distance)[] expected = NaiveSearch.Search(vectors, dimensions, metric, query, 10);
            Assert.Equal(10, found.Length);
            for (int i = 0; i < found.Length; i++)
            {
                double tolerance = 1e-5 * Math.Max(1, Math.Abs(expected[i].Distance));
                Assert.Equal(expected[i].Distance, found[i].Distance, tolerance);
                Assert.Equal(
                    NaiveSearch.Distance(query, TestData.Row(vectors, dimensions, found[i].Id), metric), found[i].Distance, tolerance);
            }
        }
    }

    [Theory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.InnerProduct)]
    public void Ties_are_ordered_by_ID(Metric metric)
    {
        // Integers are summed without rounding, so ties are exact.
        const int Dimensions = 3;
        float[] vectors = TestData.Integers(500, Dimensions, 5);
        using ExactIndex index = ExactIndex.Build(vectors, Dimensions, metric);
        for (int query = 0; query < 50; query++)
        {
            float[] vector = TestData.Integers(1, Dimensions, 100 + query);
            foreach (int count in (int[])[1, 2, 7, 100, 500])
            {
                Assert.Equal(
                    NaiveSearch.Search(vectors, Dimensions, metric, vector, count).Select(found => found.Id),
                    TestData.Search(index, vector, count).Select(found => found.Id));
            }
        }
    }

    [Fact]
    public void Metrics_match_their_definitions()
    {
        float[] vectors = [3, 4, 0, -2];
        using ExactIndex euclidean = ExactIndex.Build(vectors, 2, Metric.Euclidean);
        using ExactIndex cosine = ExactIndex.Build(vectors, 2, Metric.Cosine);
        using ExactIndex product = ExactIndex.Build(vectors, 2, Metric.InnerProduct);
        Assert.Equal([new Neighbor(1, 2), new Neighbor(0, 5)], TestData.Search(euclidean, [0, 0], 2));
        Assert.Equal([new Neighbor(1, 0), new Neighbor(0, 1.8f)], TestData.Search(cosine, [0, -7], 2));
        Assert.Equal([new Neighbor(0, -11), new Neighbor(1, 4)], TestData.Search(product, [1, 2], 2));
    }

    [Fact]
    public void Opposite_vectors_have_a_cosine_distance_of_at_most_2()
    {
        float[] vectors = TestData.Gaussian(200, 37, 6);
        using ExactIndex index = ExactIndex.Build(vectors, 37, Metric.Cosine);
        for (int row = 0; row < 200; row++)
        {
            float[] opposite = [.. TestData.Row(vectors, 37, row).ToArray().Select(number => -3 * number)];
            float farthest = TestData.Search(index, opposite, 200)[^1].Distance;
            Assert.InRange(farthest, 1.999999f, 2f);
        }
    }

    [Fact]
    public void Cosine_distinguishes_duplicates_from_near_duplicates()
    {
        // Angles of 0.0001 and 0.0002: one minus the cosine is 5e-9 and 2e-8, far below the precision of a float at 1.
        float[] vectors = [1, 2e-4f, 1, 1e-4f, 2, 0, 1, 3e-4f];
        using ExactIndex index = ExactIndex.Build(vectors, 2, Metric.Cosine);
        Neighbor[] found = TestData.Search(index, [1, 0], 4);
        Assert.Equal([2, 1, 0, 3], found.Select(neighbor => neighbor.Id));
        Assert.Equal(0, found[0].Distance);
        Assert.Equal(5e-9, found[1].Distance, 1e-12);
        Assert.Equal(2e-8, found[2].Distance, 1e-12);
    }

    [Fact]
    public void Zero_vectors_have_a_cosine_distance_of_1_from_everything()
    {
        float[] vectors = [0, 0, 1, 0, 0, 0, -1, 0];
        using ExactIndex index = ExactIndex.Build(vectors, 2, Metric.Cosine);
        Assert.Equal([new Neighbor(1, 0), new Neighbor(0, 1), new Neighbor(2, 1), new Neighbor(3, 2)], TestData.Search(index, [5, 0], 4));
        Assert.Equal([new Neighbor(0, 1), new Neighbor(1, 1), new Neighbor(2, 1)], TestData.Search(index, [0, 0], 3));
    }

    [Theory]
    [InlineData(1e-30f)]
    [InlineData(1e-44f)]
    [InlineData(1e17f)]
    public void Cosine_does_not_depend_on_the_norm(float scale)
    {
        float[] vectors = [scale, 0, scale, scale, 0, scale];
        using ExactIndex index = ExactIndex.Build(vectors, 2, Metric.Cosine);
        Neighbor[] found = TestData.Search(index, [scale, 0], 3);
        Assert.Equal([0, 1, 2], found.Select(neighbor => neighbor.Id));
        Assert.Equal(0, found[0].Distance, 1e-6);
        Assert.Equal(1 - Math.Sqrt(0.5), found[1].Distance, 1e-6);
        Assert.Equal(1, found[2].Distance, 1e-6);
    }

    [Fact]
    public void A_zero_product_gives_a_positive_zero()
    {
        using ExactIndex index = ExactIndex.Build([0, 1], 2, Metric.InnerProduct);
        Assert.False(float.IsNegative(TestData.Search(index, [1, 0], 1)[0].Distance));
    }

    [Fact]
    public void Stored_vectors_are_the_original_ones_or_normalized_for_cosine()
    {
        float[] vectors = [3, 4, 5, 12, 0, 0];
        using ExactIndex product = ExactIndex.Build(vectors, 2, Metric.InnerProduct);
        using ExactIndex cosine = ExactIndex.Build(vectors, 2, Metric.Cosine);
        Assert.Equal([5, 12], TestData.Vector(product, 1));
        Assert.Equal([0.6f, 0.8f], TestData.Vector(cosine, 0));
        Assert.Equal([0, 0], TestData.Vector(cosine, 2));
    }
}
