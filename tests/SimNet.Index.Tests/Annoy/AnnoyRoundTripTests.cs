using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Index.Tests;

/// <summary>What must hold of any forest written for Annoy and read again.</summary>
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
    public void Vectors_and_exact_answers_are_the_same_after_writing_and_reading()
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
                // Normalising once more may turn the last digit of a normalised vector.
                Assert.All(
                    TestData.Vector(exact, row).Zip(TestData.Vector(read, row)),
                    pair => Assert.Equal(pair.First, pair.Second, test.Metric == Metric.Cosine ? 1e-6f : 0));
            }

            var all = new SearchOptions { SearchEffort = Math.Max(1, test.Count) };
            Neighbor[] expected = TestData.Search(exact, test.Query, test.Count), found = TestData.Search(read, test.Query, test.Count, all);
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
    public void Every_node_has_its_place_in_the_file_and_the_roots_close_it_twice()
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
            int withAllItems = Enumerable.Range(test.Count, nodes - test.Count).Count(node => BitConverter.ToInt32(file, node * size) == test.Count);
            Assert.Equal(2 * test.Trees, withAllItems);

            // What Annoy's load relies on: the copies come last, and before them stands the last tree's own root.
            byte[] last = file[^size..], own = file[^((test.Trees + 1) * size)..^(test.Trees * size)];
            Assert.Equal(last, own);
        });
    }

    [Theory]
    [InlineData("euclidean", 5)]
    [InlineData("euclidean-one-tree", 5)]
    [InlineData("dot", 5)]
    [InlineData("dot-one-tree", 5)]
    public void A_file_of_Annoys_own_read_and_written_has_the_same_nodes(string name, int dimensions)
    {
        // In another order, maybe, so numbers of children may differ: what is compared is all the rest of each node.
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
                IEnumerable<int> items = Enumerable.Range(0, descendants).Select(i => BitConverter.ToInt32(node, layout.ChildrenAt + (i * 4)));
                return "items " + string.Join(' ', items.Order());
            }

            // Three digits: the square of a dot_factor and its root again turn the last.
            IEnumerable<string> numbers = Enumerable.Range(0, dimensions).Select(i => Digits(BitConverter.ToSingle(node, layout.VectorAt + (i * 4))));
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
            Vectors, Dimensions, Metric, new RandomProjectionForestOptions { Trees = Trees, LeafSize = LeafSize, Seed = Seed, MaxThreads = 1 });
    }
}
