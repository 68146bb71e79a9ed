using SimNet.Evaluation;

namespace SimNet.Benchmarks.Tests;

public sealed class SearchMeasurementTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_setting_is_measured_up_to_perfect_recall(int threads)
    {
        VectorSet data = TestData.Clustered(300, 40, dimensions: 16, seed: 7);
        double[] distances = GroundTruth.Find(data, SearchMeasurement.Neighbors).Distances;
        var measurement = new SearchMeasurement(data, distances, threads, TimeSpan.Zero);
        foreach (IndexSetting setting in IndexSetting.All)
        {
            SearchRow[] rows = [.. measurement.Run(setting)];

            Assert.Equal(setting.Efforts.Take(rows.Length).Select(IndexSetting.SearchName), rows.Select(row => row.Search));
            Assert.All(rows, row =>
            {
                Assert.Equal(setting.Peer, row.Peer);
                Assert.Equal(setting.Build, row.Build);
                Assert.InRange(row.Recall, 0.05, 1);
                Assert.True(row is { QueriesPerSecond: > 0, MedianMicroseconds: > 0, FileBytes: >= 300 * 16 * 4 }, row.ToJson());
                Assert.True(row.SlowMicroseconds >= row.MedianMicroseconds, row.ToJson());
                Assert.Equal(row, SearchRow.Parse(row.ToJson()));
            });

            // An effort of all 300 rows finds everything, and ends the sweep.
            Assert.Equal(1, rows[^1].Recall);
        }
    }

    [Fact]
    public void Rows_have_the_keys_that_the_peers_print() => Assert.Equal(
        """{"peer":"p","build":"M=16","build_s":1.5,"search":"e","recall":0.9,"qps":10,"file_bytes":4,"peak_mb":2,"p50_us":7,"p99_us":8}""",
        new SearchRow("p", "M=16", 1.5, "e", 0.9, 10, 4, 2, 7, 8).ToJson());

    [Fact]
    public void The_frontier_has_the_settings_that_no_other_beats_in_both()
    {
        LineChart chart = FrontierCommand.Chart(
            [Row(0.95, 100), Row(0.95, 120), Row(0.93, 110), Row(0.99, 50), Row(0.98, 40), Row(0.5, 1000), Row(0.92, 130)]);

        LineSeries line = Assert.Single(chart.Series);
        Assert.Equal([(0.92, 130), (0.95, 120), (0.99, 50)], line.Points);

        static SearchRow Row(double recall, double rate) => new("index", "", 1, "", recall, rate, 1, 1, 1, 1);
    }

    [Fact]
    public void The_table_has_the_fastest_setting_that_reaches_each_recall()
    {
        string table = Table3Command.Markdown(
            [Row("a", "slow", 0.97, 100), Row("a", "fast", 0.96, 200), Row("a", "blind", 0.5, 900), Row("exact", "", 1, 10)]);

        Assert.Contains("| a | 0.95 | b | fast | 0.960 | 5.000 |", table, StringComparison.Ordinal);
        Assert.Contains("| a | 0.99 | b | slow | 0.970 | 10.000 |", table, StringComparison.Ordinal);
        Assert.Contains("| exact |  | b |  | 1.000 | 100.000 |", table, StringComparison.Ordinal);

        static SearchRow Row(string peer, string search, double recall, double rate) =>
            new(peer, "b", 1, search, recall, rate, 1, 1, 1, 1);
    }
}
