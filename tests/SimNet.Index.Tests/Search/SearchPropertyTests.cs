using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Index.Tests;

/// <summary>Properties of every search, for any vectors, metric, effort and filter.</summary>
public sealed class SearchPropertyTests
{
    private static readonly Arbitrary<Case> Cases = (
        from seed in Gen.Choose(0, 1_000_000)
        from count in Gen.Choose(0, 120)
        from dimensions in Gen.Choose(1, 40)
        from wanted in Gen.Choose(0, 30)
        from metric in Gen.Elements(TestData.Metrics)
        from hasTies in Gen.Elements(false, true)
        from allowed in Gen.Choose(0, 4)
        from leafSize in Gen.Choose(1, 20)
        from effort in Gen.Choose(0, 130)
        select new Case(seed, count, dimensions, wanted, metric, hasTies, allowed, leafSize, effort)).ToArbitrary();

    [Fact]
    public void Results_are_sorted_unique_allowed_and_at_true_distances()
    {
        Check(test =>
        {
            foreach (IVectorIndex index in test.Indexes())
            {
                using (index)
                {
                    Neighbor[] found = TestData.Search(index, test.Query, test.Wanted, test.Options);
                    Assert.Equal(found.OrderBy(neighbor => neighbor.Distance).ThenBy(neighbor => neighbor.Id), found);
                    Assert.Equal(found.Length, found.Select(neighbor => neighbor.Id).Distinct().Count());
                    Assert.All(found, neighbor => Assert.True(test.IsAllowed(neighbor.Id)));
                    Assert.All(found, neighbor => Assert.Equal(test.TrueDistance(neighbor.Id), neighbor.Distance, 1e-4));
                    Assert.Equal(Math.Min(test.Wanted, test.AllowedCount), found.Length);
                }
            }
        });
    }

    [Fact]
    public void The_exact_index_finds_the_distances_of_a_double_loop()
    {
        Check(test =>
        {
            using ExactIndex index = ExactIndex.Build(test.Vectors, test.Dimensions, test.Metric);
            IEnumerable<double> expected = NaiveSearch
                .Search(test.Vectors, test.Dimensions, test.Metric, test.Query, test.Wanted, test.IsAllowed)
                .Select(found => found.Distance);
            Assert.All(
                TestData.Search(index, test.Query, test.Wanted, test.Options).Zip(expected),
                pair => Assert.Equal(pair.Second, pair.First.Distance, 1e-4));
        });
    }

    [Fact]
    public void An_exhaustive_forest_search_is_exact()
    {
        Check(test =>
        {
            using ExactIndex exact = ExactIndex.Build(test.Vectors, test.Dimensions, test.Metric);
            using RandomProjectionForest forest = test.Forest();
            var all = new SearchOptions { Filter = test.Options.Filter, SearchEffort = Math.Max(1, test.Count) };
            Assert.Equal(TestData.Search(exact, test.Query, test.Wanted, all), TestData.Search(forest, test.Query, test.Wanted, all));
        });
    }

    [Fact]
    public void A_stored_row_is_found_at_distance_zero()
    {
        Check(test =>
        {
            if (test.Metric == Metric.InnerProduct || test.Count == 0)
            {
                return;
            }

            foreach (IVectorIndex index in test.Indexes())
            {
                using (index)
                {
                    int row = test.Seed % test.Count;
                    float[] query = TestData.Row(test.Vectors, test.Dimensions, row).ToArray();
                    Neighbor nearest = TestData.Search(index, query, 1)[0];
                    bool isZero = test.Metric == Metric.Cosine && query.All(number => number == 0);
                    Assert.Equal(isZero ? 1 : 0, nearest.Distance);
                }
            }
        });
    }

    private static void Check(Action<Case> law) => Prop.ForAll(Cases, law).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    internal sealed record Case(
        int Seed, int Count, int Dimensions, int Wanted, Metric Metric, bool HasTies, int Allowed, int LeafSize, int Effort)
    {
        public float[] Vectors { get; } = HasTies ? TestData.Integers(Count, Dimensions, Seed) : TestData.Gaussian(Count, Dimensions, Seed);

        public float[] Query { get; } = HasTies ? TestData.Integers(1, Dimensions, Seed + 1) : TestData.Gaussian(1, Dimensions, Seed + 1);

        public SearchOptions Options => new() { Filter = Allowed == 4 ? null : IsAllowed, SearchEffort = Effort };

        public int AllowedCount => Enumerable.Range(0, Count).Count(IsAllowed);

        // From none of the rows to all of them.
        public bool IsAllowed(int row) => ((row * 2654435761L) >> 7) % 4 < Allowed;

        public double TrueDistance(int row) => NaiveSearch.Distance(Query, TestData.Row(Vectors, Dimensions, row), Metric);

        public RandomProjectionForest Forest() => RandomProjectionForest.Build(
            Vectors, Dimensions, Metric, new RandomProjectionForestOptions { Trees = 3, LeafSize = LeafSize, Seed = Seed, MaxThreads = 1 });

        public IVectorIndex[] Indexes() => [ExactIndex.Build(Vectors, Dimensions, Metric), Forest()];
    }
}
