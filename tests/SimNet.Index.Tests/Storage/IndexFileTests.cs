namespace SimNet.Index.Tests;

public sealed class IndexFileTests
{
    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void An_opened_index_answers_like_the_saved_one(string kind, Metric metric)
    {
        foreach (int dimensions in (int[])[1, 16, 37])
        {
            foreach (bool verify in (bool[])[true, false])
            {
                using var folder = new TemporaryFolder();
                float[] vectors = TestData.Clustered(300, dimensions, 10, 1);
                float[] queries = TestData.Clustered(20, dimensions, 10, 2);
                using IVectorIndex built = InputValidationTests.Build(kind, vectors, dimensions, metric);
                built.Save(folder.File("index"));
                using IVectorIndex opened = VectorIndex.Open(folder.File("index"), new IndexOpenOptions { VerifyContents = verify });
                Assert.Equal(built.GetType(), opened.GetType());
                Assert.Equal(
                    (built.Count, built.Dimensions, built.Metric, built.Kind),
                    (opened.Count, opened.Dimensions, opened.Metric, opened.Kind));
                Assert.Equal(TestData.Vector(built, 299), TestData.Vector(opened, 299));
                for (int query = 0; query < 20; query++)
                {
                    float[] vector = TestData.Row(queries, dimensions, query).ToArray();
                    Assert.Equal(TestData.Search(built, vector, 10), TestData.Search(opened, vector, 10));

                    // Without an effort, a graph of so few rows is not searched.
                    var options = new SearchOptions { SearchEffort = 16 };
                    Assert.Equal(TestData.Search(built, vector, 10, options), TestData.Search(opened, vector, 10, options));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void An_empty_index_can_be_saved_and_opened(string kind, Metric metric)
    {
        using var folder = new TemporaryFolder();
        using IVectorIndex built = InputValidationTests.Build(kind, [], 5, metric);
        built.Save(folder.File("index"));
        using IVectorIndex opened = VectorIndex.Open(folder.File("index"));
        Assert.Equal((0, 5), (opened.Count, opened.Dimensions));
        Assert.Equal(0, opened.Search(new float[5], new Neighbor[4]));
    }

    [Fact]
    public void Forest_options_survive_saving_and_opening()
    {
        using var folder = new TemporaryFolder();
        using RandomProjectionForest built = RandomProjectionForest.Build(
            [1, 2, 3], 1, Metric.Euclidean, new() { Trees = 3, LeafSize = 2, Seed = long.MinValue });
        built.Save(folder.File("index"));
        using var opened = (RandomProjectionForest)VectorIndex.Open(folder.File("index"));
        Assert.Equal(built.Options, opened.Options);
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void Saving_an_opened_index_gives_the_same_bytes(string kind, Metric metric)
    {
        using var folder = new TemporaryFolder();
        using IVectorIndex built = InputValidationTests.Build(kind, TestData.Clustered(300, 7, 10, 1), 7, metric);
        built.Save(folder.File("first"));
        using IVectorIndex opened = VectorIndex.Open(folder.File("first"));
        opened.Save(folder.File("second"));
        Assert.Equal(File.ReadAllBytes(folder.File("first")), File.ReadAllBytes(folder.File("second")));
        Assert.Equal(["first", "second"], folder.FileNames.Order());
    }

    [SkippableTheory]
    [MemberData(nameof(InputValidationTests.KindNames), MemberType = typeof(InputValidationTests))]
    public void An_opened_index_can_be_saved_over_its_own_file(string kind)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows does not let a mapped file be replaced.");
        using var folder = new TemporaryFolder();
        using IVectorIndex built = InputValidationTests.Build(kind, TestData.Clustered(300, 7, 10, 1), 7, Metric.Euclidean);
        built.Save(folder.File("index"));
        byte[] bytes = File.ReadAllBytes(folder.File("index"));
        using IVectorIndex opened = VectorIndex.Open(folder.File("index"));
        opened.Save(folder.File("index"));
        float[] query = TestData.Clustered(1, 7, 10, 2);
        Assert.Equal(TestData.Search(built, query, 10), TestData.Search(opened, query, 10));
        Assert.Equal(bytes, File.ReadAllBytes(folder.File("index")));
    }

    [SkippableFact]
    public void On_Windows_saving_over_the_mapped_file_is_rejected()
    {
        Skip.IfNot(OperatingSystem.IsWindows(), "Elsewhere it works.");
        using var folder = new TemporaryFolder();
        using ExactIndex built = ExactIndex.Build([1, 2], 1, Metric.Euclidean);
        built.Save(folder.File("index"));
        using IVectorIndex opened = VectorIndex.Open(folder.File("index"));
        Assert.Contains("Windows", Assert.Throws<IOException>(() => opened.Save(folder.File("INDEX"))).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Replacing_an_open_file_does_not_affect_the_open_index()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows does not let a mapped file be replaced.");
        using var folder = new TemporaryFolder();
        using ExactIndex first = ExactIndex.Build(TestData.Gaussian(500, 7, 1), 7, Metric.Euclidean);
        using ExactIndex second = ExactIndex.Build(TestData.Gaussian(3, 7, 2), 7, Metric.Euclidean);
        first.Save(folder.File("index"));
        using IVectorIndex opened = VectorIndex.Open(folder.File("index"));
        second.Save(folder.File("index"));
        Assert.Equal(TestData.Search(first, new float[7], 500), TestData.Search(opened, new float[7], 500));
        using IVectorIndex reopened = VectorIndex.Open(folder.File("index"));
        Assert.Equal(3, reopened.Count);
    }

    [Fact]
    public void A_missing_file_is_reported_as_missing()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<FileNotFoundException>(() => VectorIndex.Open(folder.File("none")));
    }

    [Fact]
    public void The_bytes_of_a_forest_are_the_same_on_every_machine()
    {
        // If this changes, so do the results of a seed, which the changelog must say. Only sums, products and roots are used, which round
        // identically everywhere.
        Assert.Equal(
            ["f78ae9da", "f00544bc", "79b94967"],
            TestData.FileChecksums(
                (vectors, metric) => RandomProjectionForest.Build(vectors, 70, metric, new() { Trees = 5, LeafSize = 10, Seed = 42 })));
    }
}
