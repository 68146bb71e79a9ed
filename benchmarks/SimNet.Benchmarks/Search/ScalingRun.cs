using System.Text.Json;
using SimNet.Evaluation;

namespace SimNet.Benchmarks;

/// <summary>How cost grows with the number of vectors, and with the numbers a vector has: each index as it is built by default.</summary>
internal static class ScalingRun
{
    private const double DrawnRecall = 0.99;

    /// <summary>Measures, printing a JSON line an index and size, and draws.</summary>
    /// <param name="real">Embeddings of length one, in an order of chance.</param>
    /// <param name="realDimensions">How many numbers each has.</param>
    /// <param name="counts">The numbers of vectors, each of <paramref name="sweptDimensions"/> numbers.</param>
    /// <param name="sweptDimensions">See <paramref name="counts"/>.</param>
    /// <param name="dimensions">The numbers of a vector, for <paramref name="sweptCount"/> vectors each.</param>
    /// <param name="sweptCount">See <paramref name="dimensions"/>.</param>
    /// <param name="queries">How many of the real vectors are held out to be asked for.</param>
    /// <param name="kinds">Our kinds of index.</param>
    /// <param name="peers">The peers' settings.</param>
    /// <param name="threads">Threads that build and ask.</param>
    /// <param name="warmUpSeconds">How long each of our processes searches before its time is taken.</param>
    /// <param name="outFolder">Where <c>scaling-count.svg</c> and <c>scaling-dimensions.svg</c> go; null for none.</param>
    public static void Execute(
        float[] real, int realDimensions, int[] counts, int sweptDimensions, int[] dimensions, int sweptCount, int queries,
        string[] kinds, IReadOnlyCollection<PeerSetting> peers, int threads, int warmUpSeconds, string? outFolder)
    {
        IndexSetting[] ours = [.. kinds.Select(kind => IndexSetting.OfKinds([kind]).First())];
        PeerSetting[] theirs = [.. peers.GroupBy(peer => peer.Peer).Select(settings => settings.First())];
        var points = new List<Point>();
        foreach ((int count, int size) in counts.Select(count => (count, sweptDimensions)).Concat(dimensions.Select(size => (sweptCount, size))).Distinct())
        {
            float[] projected = PictureEmbeddings.Normalize(OrthogonalProjection.Apply(real, realDimensions, size), size);
            using var bench = new SearchBench(MadeVectors.Make(projected, size, count, queries), threads, warmUpSeconds);
            foreach (IndexSetting setting in ours)
            {
                Tell(bench.Measure(setting));
            }

            foreach (PeerSetting setting in theirs)
            {
                Tell(bench.Measure(setting));
            }

            void Tell(List<SearchRow> rows)
            {
                var point = new Point(count, size, rows);
                points.Add(point);
                Console.WriteLine(JsonSerializer.Serialize(new
                {
                    peer = rows[0].Peer,
                    build = rows[0].Build,
                    count,
                    dimensions = size,
                    build_s = rows[0].BuildSeconds,
                    qps_95 = point.Rate(0.95),
                    qps_99 = point.Rate(0.99),
                    qps_999 = point.Rate(0.999),
                    file_bytes = rows[0].FileBytes,
                    peak_mb = rows[^1].PeakMegabytes,
                }));
            }
        }

        if (outFolder is not null)
        {
            Directory.CreateDirectory(outFolder);
            Draw("scaling-count.svg", $"vectors of {sweptDimensions} numbers", points.Where(point => point.Dimensions == sweptDimensions && counts.Contains(point.Count)), point => point.Count);
            Draw("scaling-dimensions.svg", $"numbers a vector, of {sweptCount:#,0} vectors", points.Where(point => point.Count == sweptCount && dimensions.Contains(point.Dimensions)), point => point.Dimensions);
        }

        void Draw(string file, string title, IEnumerable<Point> drawn, Func<Point, double> x) => File.WriteAllText(Path.Combine(outFolder, file), new LineChart
        {
            XTitle = title,
            YTitle = FormattableString.Invariant($"queries/s at recall {DrawnRecall}"),
            XScale = AxisScale.Logarithmic,
            YScale = AxisScale.Logarithmic,
            Width = 720,
            Height = 480,
            Series = [.. drawn.GroupBy(point => point.Rows[0].Peer).Select(peer =>
                new LineSeries(peer.Key, [.. peer.OrderBy(x).Select(point => (x(point), point.Rate(DrawnRecall) ?? double.NaN))]))],
        }.ToSvg());
    }

    /// <summary>What was measured of one index at one size.</summary>
    private sealed record Point(int Count, int Dimensions, List<SearchRow> Rows)
    {
        /// <summary>The queries a second of its fastest setting that finds this much; null where none does.</summary>
        public double? Rate(double recall) => Rows.Where(row => row.Recall >= recall).Max(row => (double?)row.QueriesPerSecond);
    }
}
