using System.Text.Json;
using SimNet.Index;

namespace SimNet.Benchmarks.Tests;

public sealed class HardSetTests : IDisposable
{
    private const int Rows = 1000;
    private const int Queries = 50;

    private readonly string _folder = Directory.CreateTempSubdirectory("simnet-benchmarks-tests-").FullName;

    public static TheoryData<string> Names => new(HardSet.All.Select(set => set.Name));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_set_has_a_name_of_its_own() =>
        Assert.Equal(HardSet.All.Count, HardSet.All.Select(set => set.Name).Distinct().Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_seed_gives_the_same_finite_vectors_and_another_seed_others(string name)
    {
        HardSet set = Set(name);
        (float[] rows, float[] queries) = set.Create(Rows, Queries, seed: 1);

        Assert.Equal(Rows * set.Dimensions, rows.Length);
        Assert.Equal(Queries * set.Dimensions, queries.Length);
        Assert.All(rows.Concat(queries), value => Assert.True(float.IsFinite(value)));
        (float[] sameRows, float[] sameQueries) = set.Create(Rows, Queries, seed: 1);
        Assert.Equal(rows, sameRows);
        Assert.Equal(queries, sameQueries);
        Assert.NotEqual(rows, set.Create(Rows, Queries, seed: 2).Rows);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Queries_are_held_out_or_the_stored_rows(string name)
    {
        HardSet set = Set(name);
        VectorSet data = Create(set);
        var rows = new HashSet<string>(Enumerable.Range(0, Rows).Select(row => Text(data.Row(row))));

        if (set.QueriesAreRows)
        {
            Assert.Equal(HardSet.StoredRows(Rows, Queries, seed: 0).SelectMany(row => data.Row(row).ToArray()), data.Queries);
        }
        else
        {
            Assert.DoesNotContain(Enumerable.Range(0, Queries), query => rows.Contains(Text(data.Query(query))));
        }
    }

    [Fact]
    public void Stored_rows_are_different_rows_of_the_set()
    {
        Assert.Equal(Enumerable.Range(0, 40), HardSet.StoredRows(40, 100, seed: 3).Order());
        int[] rows = HardSet.StoredRows(1000, 100, seed: 3);
        Assert.Equal(100, rows.Distinct().Count());
        Assert.All(rows, row => Assert.InRange(row, 0, 999));
        Assert.NotEqual(rows, HardSet.StoredRows(1000, 100, seed: 4));
    }

    [Theory]
    [InlineData("groups-40", 25, 0.3, 40, 40)]
    [InlineData("groups-100", 10, 0.3, 100, 100)]
    [InlineData("heaps-20", 20, 0.001, 20, 80)]
    [InlineData("heaps-100", 100, 0.01, 1, 25)]
    public void Clusters_have_their_number_spread_and_sizes(string name, int count, double deviation, int smallest, int largest)
    {
        // Standard normal centers are sqrt(2) apart in each dimension, rows of one cluster a deviation times that.
        VectorSet data = Create(Set(name));
        double near = (0.3 + (deviation * Math.Sqrt(2))) / 2 * 1.4 * Math.Sqrt(data.Dimensions);
        var clusters = new List<List<int>>();
        for (int row = 0; row < Rows; row++)
        {
            if (clusters.Find(cluster => Distance(data, cluster[0], row) < near) is { } known)
            {
                known.Add(row);
            }
            else
            {
                clusters.Add([row]);
            }
        }

        Assert.Equal(count, clusters.Count);
        Assert.All(clusters, cluster => Assert.InRange(cluster.Count, smallest, largest));
        double meanSquare = clusters
            .SelectMany(cluster => cluster.Skip(1).Select(row => Distance(data, cluster[0], row)))
            .Average(distance => distance * distance);
        Assert.Equal(deviation, Math.Sqrt(meanSquare / 2 / data.Dimensions), 0.1 * deviation);
    }

    [Theory]
    [InlineData("half-shrunk", false)]
    [InlineData("half-shrunk-center", true)]
    public void Half_of_the_rows_are_near_one_point_inside_or_outside_the_others(string name, bool center)
    {
        // Rows are sqrt(2 * 32) = 8 apart, and near ones a thousandth of it; rows around the point are sqrt(32) from it.
        VectorSet data = Create(Set(name));
        ILookup<bool, int> rows = Enumerable.Range(0, Rows)
            .ToLookup(row => Enumerable.Range(0, Rows).Count(other => Distance(data, row, other) < 0.02) > 1);
        Assert.InRange(rows[true].Count(), 450, 550);
        Assert.All(rows[true], row => Assert.True(Distance(data, row, rows[true].First()) < 0.02));
        double away = rows[false].Average(row => Distance(data, row, rows[true].First()));
        Assert.InRange(away / Math.Sqrt(32), center ? 0.9 : 1.1, center ? 1.1 : 2);
    }

    [Theory]
    [InlineData("outliers")]
    [InlineData("product-outliers")]
    [InlineData("groups-and-outliers")]
    public void One_row_in_a_hundred_is_a_thousand_times_as_long(string name)
    {
        double[] lengths = Lengths(name);
        Assert.InRange(lengths.Count(length => length > 1000), 3, 25);
        Assert.All(lengths, length => Assert.True(length is < 20 or > 3000, $"length {length}"));
    }

    [Fact]
    public void Logarithms_of_lengths_are_standard_normal()
    {
        double[] logarithms = [.. Lengths("product-log-normal").Select(length => Math.Log(length))];
        Assert.Equal(0, logarithms.Average(), 0.15);
        Assert.Equal(1, logarithms.Average(value => value * value), 0.2);
    }

    [Theory]
    [InlineData("product-sparse", 5)]
    [InlineData("cosine-sparse", 5)]
    [InlineData("zeros-90", 13)]
    [InlineData("cosine-zeros-90", 13)]
    public void Sparse_rows_have_this_many_values_at_any_place(string name, int nonZero)
    {
        VectorSet data = Create(Set(name));
        Assert.All(Enumerable.Range(0, Rows), row => Assert.Equal(data.Dimensions - nonZero, data.Row(row).Count(0f)));
        Assert.All(Enumerable.Range(0, data.Dimensions), i => Assert.Contains(Enumerable.Range(0, Rows), row => data.Row(row)[i] != 0));
    }

    [Theory]
    [InlineData("binary", 2)]
    [InlineData("integers", 5)]
    public void Discrete_sets_have_this_many_values(string name, int values) =>
        Assert.Equal(Enumerable.Range(0, values), Create(Set(name)).Rows.Distinct().Order().Select(value => (int)value));

    [Fact]
    public void Rectified_components_are_half_zeros_and_otherwise_positive()
    {
        float[] rows = Create(Set("product-relu")).Rows;
        Assert.Equal(0.5, rows.Count(value => value == 0) / (double)rows.Length, 0.02);
        Assert.DoesNotContain(rows, value => value < 0);
    }

    [Fact]
    public void Raw_features_have_two_columns_to_one_and_one_to_a_thousand()
    {
        VectorSet data = Create(Set("raw-features"));
        float[] largest = [.. Enumerable.Range(0, 3).Select(column => Enumerable.Range(0, Rows).Max(row => data.Row(row)[column]))];
        Assert.InRange(largest[0], 0.98, 1);
        Assert.InRange(largest[1], 0.98, 1);
        Assert.InRange(largest[2], 980, 1000);
    }

    [Theory]
    [InlineData("duplicates-10", 10)]
    [InlineData("duplicates-100", 100)]
    public void Duplicates_are_of_each_row_equally_many(string name, int times)
    {
        VectorSet data = Create(Set(name));
        Assert.All(
            Enumerable.Range(0, Rows).CountBy(row => Text(data.Row(row))), distinct => Assert.Equal(times, distinct.Value));
    }

    [Theory]
    [InlineData("sorted", 4)]
    [InlineData("sorted-clusters", 3)]
    public void Sorted_rows_are_nearer_to_the_next_than_to_others(string name, double times)
    {
        VectorSet data = Create(Set(name));
        double next = Enumerable.Range(0, Rows - 1).Average(row => Distance(data, row, row + 1));
        double any = Enumerable.Range(0, Rows).Average(row => Distance(data, row, row * 389 % Rows));
        Assert.True(any > times * next, $"{next} to the next, {any} to any");
    }

    [Fact]
    public void The_largest_cluster_of_a_power_law_has_a_tenth_of_the_rows()
    {
        VectorSet data = Create(Set("power-law"));
        int[] near = [.. Enumerable.Range(0, Rows).Select(row => Enumerable.Range(0, Rows).Count(other => Distance(data, row, other) < 4))];
        Assert.InRange(near.Max(), 70, 130);
        Assert.Contains(1, near);
    }

    [Fact]
    public async Task The_command_measures_every_index_of_the_sets()
    {
        string file = Path.Combine(_folder, "rows.jsonl");

        int code = await BenchmarkCommands.RunAsync(
            [
                "hard-sets", "--set", "binary,product-relu", "--rows", "300", "--queries", "20", "--warm-up", "0", "--no-peers",
                "--json", file,
            ]);

        Assert.Equal(0, code);
        HardSetRow[] rows = [.. (await File.ReadAllLinesAsync(file)).Select(line => JsonSerializer.Deserialize<HardSetRow>(line)!)];
        Assert.Equal(["product-relu", "binary"], rows.Select(row => row.Set));
        Assert.Equal(["inner-product", "euclidean"], rows.Select(row => row.Metric));
        Assert.Equal([0, 20], rows.Select(row => row.StoredRows));
        Assert.All(rows, row =>
        {
            Assert.Equal("exact", row.DefaultKind);
            Assert.Equal(
                [
                    ("graph", "effort=default"), ("graph", "effort=256"), ("graph", "effort=1024"), ("default", "effort=default"),
                    ("forest", "effort=default"),
                ],
                row.Searches.Select(search => (search.Index, search.Search)));

            // An effort of 1,024 is more than all rows.
            Assert.Equal(1, row.Searches[2].Recall);
            Assert.Equal(1, row.Searches[3].Recall);
            Assert.All(row.Searches, search => Assert.True(search is { Recall: > 0.3, QueriesPerSecond: > 0, BuildSeconds: > 0 }));
        });
    }

    [Fact]
    public void The_table_has_a_cell_for_each_column()
    {
        HardSetSearch Search(string index, string search, double recall) => new(index, search, recall, 1234.5, 0.25);
        var row = new HardSetRow(
            "binary",
            20_000,
            128,
            "euclidean",
            Seed: 0,
            Queries: 300,
            QueriesAreRows: false,
            StoredRows: 300,
            LostRows: 7,
            "graph",
            [
                Search("graph", "effort=default", 0.91), Search("graph", "effort=256", 0.92), Search("graph", "effort=1024", 0.93),
                Search("default", "effort=default", 0.94), Search("forest", "effort=default", 0.95), Search("annoy", "search_k=1000", 0.98),
            ]);

        Assert.Equal(
            "| binary | 20,000 | 128 | euclidean | 0.910 | 7 of 300 | 0.3 | 1,235 | 0.920 | 0.930 | 0.940 | graph | 0.950 | 1,235 "
            + "|  |  |  |  |  | 0.980 |",
            row.ToMarkdown());
        Assert.All(HardSetRow.MarkdownHeader.Split('\n'), line => Assert.Equal(row.ToMarkdown().Count('|'), line.Count(c => c == '|')));
    }

    private static HardSet Set(string name) => HardSet.All.Single(set => set.Name == name);

    private static VectorSet Create(HardSet set)
    {
        (float[] rows, float[] queries) = set.Create(Rows, Queries);
        return new VectorSet(rows, queries, set.Dimensions, set.Metric);
    }

    private static double[] Lengths(string name)
    {
        VectorSet data = Create(Set(name));
        return [.. Enumerable.Range(0, Rows).Select(row => TestData.Distance(data.Row(row), new float[data.Dimensions]))];
    }

    private static double Distance(VectorSet data, int a, int b) => TestData.Distance(data.Row(a), data.Row(b));

    private static string Text(ReadOnlySpan<float> row) => string.Join(' ', row.ToArray());
}
