using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Index.Tests;

/// <summary>Properties of every forest that is written as an Annoy file and read again.</summary>
public sealed class AnnoyRoundTripTests
{
    private static readonly Arbitrary<Case> Cases = (
        from seed in Gen.Choose(0, 1_000_000)
        from count in Gen.Choose(0, 150)
        from dimensions in Gen.Choose(1, 20)
        from metric in Gen.Elements(TestData.Metrics)
        from hasTies in Gen.Elements(false, true)
        from trees in Gen.Choose(1, 4)
        from leafSize in Gen.Elements(1, 2, 5, 20, 200)
        select new Case(seed, count, dimensions, metric, hasTies, trees, leafSize)).ToArbitrary();

    [Fact]
    public void Vectors_and_exact_answers_survive_a_round_trip()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("forest.ann");
        Check(test =>
        {
            using ExactIndex exact = ExactIndex.Build(test.Vectors, test.Dimensions, test.Metric);
            using (RandomProjectionForest forest = test.Forest())
            {
                AnnoyFile.Write(forest, path);
            }

            using RandomProjectionForest read = AnnoyFile.Read(path, test.Dimensions, test.Metric);
            Assert.Equal(test.Count, read.Count);
            for (int row = 0; row < test.Count; row++)
            {
                // Normalizing a normalized vector again may change the last digit.
                Assert.All(
                    TestData.Vector(exact, row).Zip(TestData.Vector(read, row)),
                    pair => Assert.Equal(pair.First, pair.Second, test.Metric == Metric.Cosine ? 1e-6f : 0));
            }

            var all = new SearchOptions { SearchEffort = Math.Max(1, test.Count) };
            Neighbor[] expected = TestData.Search(exact, test.Query, test.Count);
            Neighbor[] found = TestData.Search(read, test.Query, test.Count, all);
            if (test.Metric == Metric.Cosine)
            {
                Assert.Equal(Enumerable.Range(0, test.Count), found.Select(neighbor => neighbor.Id).Order());
                Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Distance, pair.Second.Distance, 1e-5f));
            }
            else
            {
                Assert.Equal(expected, found);
            }
        });
    }

    [Fact]
    public void The_file_consists_of_whole_nodes_and_ends_with_the_roots_twice()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("forest.ann");
        Check(test =>
        {
            using RandomProjectionForest forest = test.Forest();
            AnnoyFile.Write(forest, path);
            byte[] file = File.ReadAllBytes(path);
            int size = AnnoyLayout.Of(test.Metric, test.Dimensions)[0].NodeSize;
            Assert.Equal(0, file.Length % size);
            int nodes = file.Length / size;
            int withAllItems = Enumerable.Range(test.Count, nodes - test.Count)
                .Count(node => BitConverter.ToInt32(file, node * size) == test.Count);
            Assert.Equal(2 * test.Trees, withAllItems);

            // Annoy's load relies on this: the copies are last, and before them is the last tree's own root.
            byte[] last = file[^size..], own = file[^((test.Trees + 1) * size)..^(test.Trees * size)];
            Assert.Equal(last, own);
        });
    }

    [Theory]
    [InlineData("euclidean", 5)]
    [InlineData("euclidean-one-tree", 5)]
    [InlineData("dot", 5)]
    [InlineData("dot-one-tree", 5)]
    public void A_file_written_by_Annoy_keeps_its_nodes_in_a_round_trip(string name, int dimensions)
    {
        // The order may differ, and so may the children; everything else of each node is compared.
        using var folder = new TemporaryFolder();
        AnnoyGolden golden = AnnoyGolden.All.First(golden => golden.Name == name);
        using RandomProjectionForest forest = AnnoyFile.Read(golden.Path, dimensions, golden.Metric);
        AnnoyFile.Write(forest, folder.File("again.ann"));
        AnnoyLayout layout = AnnoyLayout.Of(golden.Metric, dimensions)[0];
        Assert.Equal(Nodes(File.ReadAllBytes(golden.Path)), Nodes(File.ReadAllBytes(folder.File("again.ann"))));

        string[] Nodes(byte[] file) => [.. file.Chunk(layout.NodeSize).Select(Describe).Order(StringComparer.Ordinal)];

        string Describe(byte[] node)
        {
            int descendants = BitConverter.ToInt32(node);
            if (descendants is > 1 && descendants <= layout.Capacity)
            {
                IEnumerable<int> items = Enumerable.Range(0, descendants)
                    .Select(i => BitConverter.ToInt32(node, layout.ChildrenAt + (i * 4)));
                return "items " + string.Join(' ', items.Order());
            }

            // Three digits, because squaring a dot_factor and taking the root changes the last ones.
            IEnumerable<string> numbers = Enumerable.Range(0, dimensions)
                .Select(i => Digits(BitConverter.ToSingle(node, layout.VectorAt + (i * 4))));
            return $"{descendants} {Digits(MathF.Abs(BitConverter.ToSingle(node, layout.ConstantAt)))} {string.Join(' ', numbers)}";
        }

        static string Digits(float number) => number.ToString("f3", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Check(Action<Case> law) => Prop.ForAll(Cases, law).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    internal sealed record Case(int Seed, int Count, int Dimensions, Metric Metric, bool HasTies, int Trees, int LeafSize)
    {
        public float[] Vectors { get; } = HasTies ? TestData.Integers(Count, Dimensions, Seed) : TestData.Gaussian(Count, Dimensions, Seed);

        public float[] Query { get; } = HasTies ? TestData.Integers(1, Dimensions, Seed + 1) : TestData.Gaussian(1, Dimensions, Seed + 1);

        public RandomProjectionForest Forest() => RandomProjectionForest.Build(
            Vectors, Dimensions, Metric, new() { Trees = Trees, LeafSize = LeafSize, Seed = Seed, MaxThreads = 1 });
    }
}
