using System.IO.Compression;

namespace SimNet.Benchmarks.Tests;

public sealed class VectorDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simnet-benchmarks-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("products-512.f32", 512)]
    [InlineData("64.f32", 64)]
    [InlineData("v2-128d.f32", 128)]
    public void A_file_name_gives_the_dimensions(string name, int expected) => Assert.Equal(expected, VectorFile.DimensionsByName(name));

    [Fact]
    public void A_file_name_without_dimensions_is_refused() =>
        Assert.Contains(
            "--dimensions",
            Assert.Throws<ArgumentException>(() => VectorFile.DimensionsByName("base.f32")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void The_last_rows_of_a_raw_file_are_the_queries()
    {
        string path = Path.Combine(_folder, "rows-2.f32");
        VectorFile.Write<float>(path, [1, 2, 3, 4, 5, 6]);

        VectorSet data = VectorSet.Read(path, queries: 1);

        Assert.Equal([1, 2, 3, 4], data.Rows);
        Assert.Equal([5, 6], data.Queries);
        Assert.Throws<ArgumentException>(() => VectorSet.Read(path, queries: 3));
        Assert.Throws<ArgumentException>(() => VectorSet.Read(path, queries: 1, dimensions: 4));
    }

    [Fact]
    public void With_a_file_of_queries_all_rows_are_indexed()
    {
        VectorFile.Write<float>(Path.Combine(_folder, "rows.f32"), [1, 2, 3, 4]);
        VectorFile.Write<float>(Path.Combine(_folder, "queries.f32"), [7, 8, 9, 10]);

        VectorSet data = VectorSet.Read(Path.Combine(_folder, "rows.f32"), queries: 1, Path.Combine(_folder, "queries.f32"), dimensions: 2);

        Assert.Equal(2, data.Count);
        Assert.Equal([7, 8], data.Queries);
    }

    [Fact]
    public void Images_in_idx_files_are_rows_of_their_bytes()
    {
        WriteIdx("train-images-idx3-ubyte.gz", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 255, 4, 5, 6]);
        WriteIdx("t10k-images-idx3-ubyte.gz", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9, 10, 11, 12]);

        VectorSet data = VectorSet.Read(_folder, queries: 1);

        Assert.Equal(3, data.Dimensions);
        Assert.Equal([1, 2, 255, 4, 5, 6], data.Rows);
        Assert.Equal([7, 8, 9], data.Queries);
    }

    [Fact]
    public void Directions_are_orthonormal_and_fewer_are_the_first_of_more()
    {
        float[][] directions = OrthogonalProjection.Directions(40, 40);
        for (int i = 0; i < 40; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                Assert.Equal(i == j ? 1 : 0, directions[i].Zip(directions[j], (a, b) => (double)a * b).Sum(), 1e-6);
            }
        }

        Assert.Equal(directions[..7], OrthogonalProjection.Directions(40, 7));
    }

    [Fact]
    public void Projecting_to_the_same_dimensions_changes_nothing_and_to_more_is_refused()
    {
        float[] rows = [1, 2, 3, 4];
        Assert.Equal(rows, OrthogonalProjection.Apply(rows, 2, 2));
        Assert.Throws<ArgumentException>(() => OrthogonalProjection.Apply(rows, 2, 3));
    }

    [Fact]
    public void Synthetic_vectors_follow_the_real_ones_and_lie_among_them()
    {
        const int Dimensions = 16, Real = 500, Queries = 50, Count = 2000;
        VectorSet source = TestData.Clustered(Real, Queries, Dimensions, seed: 5);
        float[] real = [.. source.Rows, .. source.Queries];

        VectorSet synthetic = SyntheticVectors.Create(real, Dimensions, Count, Queries);

        Assert.Equal(Count, synthetic.Count);
        Assert.Equal(source.Queries, synthetic.Queries);
        Assert.Equal(source.Rows, synthetic.Rows[..(Real * Dimensions)]);
        Assert.Equal(synthetic.Rows, SyntheticVectors.Create(real, Dimensions, Count, Queries).Rows);

        // Each is about as near to a real vector as real ones are to each other, never as far as another cluster.
        double Nearest(ReadOnlySpan<float> vector, int except)
        {
            double nearest = double.PositiveInfinity;
            for (int row = 0; row < Real; row++)
            {
                nearest = row == except ? nearest : Math.Min(nearest, TestData.Distance(vector, source.Row(row)));
            }

            return nearest;
        }

        double typical = Enumerable.Range(0, Real).Select(row => Nearest(source.Row(row), row)).Average();
        double[] distances = [.. Enumerable.Range(Real, Count - Real).Select(row => Nearest(synthetic.Row(row), -1))];
        Assert.InRange(distances.Average(), 0.05 * typical, typical);
        Assert.All(Enumerable.Range(0, Count), row => Assert.Equal(1, TestData.Distance(synthetic.Row(row), new float[Dimensions]), 1e-5));
        Assert.Equal(Count, Enumerable.Range(0, Count).Select(row => string.Join(' ', synthetic.Row(row).ToArray())).Distinct().Count());
    }

    [Fact]
    public void Fewer_vectors_than_there_are_real_ones_are_the_first_of_those()
    {
        VectorSet source = TestData.Clustered(100, 10, 8, seed: 6);

        VectorSet synthetic = SyntheticVectors.Create([.. source.Rows, .. source.Queries], 8, 30, 10);

        Assert.Equal(source.Rows[..(30 * 8)], synthetic.Rows);
        Assert.Equal(source.Queries, synthetic.Queries);
    }

    private void WriteIdx(string name, byte[] bytes)
    {
        using var file = new GZipStream(File.Create(Path.Combine(_folder, name)), CompressionMode.Compress);
        file.Write(bytes);
    }
}
