using System.CommandLine;
using System.Text.Json;
using SimNet.Evaluation;

namespace SimNet.Benchmarks;

/// <summary><c>scaling</c>: how cost grows with the number of vectors and with their dimensions, for each index's default build.</summary>
internal static class ScalingCommand
{
    private const double ChartRecall = 0.99;

    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "Embeddings that the command embeddings has written. Where they are too few, synthetic ones are made from them.",
            HelpName = "FILE.f32",
            Required = true,
        };
        Option<CommaSeparated<int>> counts = OptionFactory.Numbers(
            "--counts", "Numbers of vectors, measured at --of-dimensions dimensions.", 1000, 10_000, 100_000, 1_000_000);
        Option<int> ofDimensions = OptionFactory.Number("--of-dimensions", "The dimensions at which --counts are measured.", 128);
        Option<CommaSeparated<int>> dimensions = OptionFactory.Numbers(
            "--dimensions", "Dimensions of vectors, measured with --of-count vectors.", 64, 128, 256, 512);
        Option<int> ofCount = OptionFactory.Number("--of-count", "The number of vectors with which --dimensions are measured.", 100_000);
        Option<int> queries = OptionFactory.Number("--queries", "How many of the last vectors are held out as queries.", 1000);
        var outFolder = new Option<string?>("--out")
        {
            Description = "The folder that scaling-count.svg and scaling-dimensions.svg are written to; no charts without it.",
            HelpName = "DIR",
        };
        var command = new Command("scaling", "Measure how cost grows with the number of vectors and with their dimensions.")
        {
            data, counts, ofDimensions, dimensions, ofCount, queries, outFolder,
        };
        var run = new SearchRunOptions(command, ["exact", "forest", "graph"], [SearchPeers.All]);
        command.SetAction(result =>
        {
            string file = result.GetRequiredValue(data);
            var sweep = new Sweep(
                VectorFile.Read<float>(file),
                VectorFile.DimensionsByName(file),
                result.GetRequiredValue(counts).Values,
                result.GetValue(ofDimensions),
                result.GetRequiredValue(dimensions).Values,
                result.GetValue(ofCount),
                result.GetValue(queries));
            Execute(sweep, run.Read(result), result.GetValue(outFolder));
        });
        return command;
    }

    private static void Execute(Sweep sweep, SearchRunSettings settings, string? outFolder)
    {
        IndexSetting[] ours = [.. settings.Ours.GroupBy(setting => setting.Kind).Select(kind => kind.First())];
        PeerSetting[] theirs = [.. settings.Peers.GroupBy(setting => setting.Peer).Select(peer => peer.First())];
        var points = new List<Point>();
        foreach ((int count, int dimensions) in sweep.Sizes)
        {
            using var bench = new SearchBench(sweep.Make(count, dimensions), settings.Threads, settings.WarmUpSeconds);
            IEnumerable<List<SearchRow>> measured =
                ours.Select(setting => bench.Measure(setting)).Concat(theirs.Select(setting => bench.Measure(setting)));
            foreach (List<SearchRow> rows in measured)
            {
                points.Add(new Point(count, dimensions, rows));
                Console.WriteLine(points[^1].ToJson());
            }
        }

        if (outFolder is not null)
        {
            Directory.CreateDirectory(outFolder);
            File.WriteAllText(Path.Combine(outFolder, "scaling-count.svg"), Chart(
                $"vectors of {sweep.SweptDimensions} dimensions",
                points.Where(point => point.Dimensions == sweep.SweptDimensions && sweep.Counts.Contains(point.Count)),
                point => point.Count));
            File.WriteAllText(Path.Combine(outFolder, "scaling-dimensions.svg"), Chart(
                $"dimensions of {sweep.SweptCount:#,0} vectors",
                points.Where(point => point.Count == sweep.SweptCount && sweep.Dimensions.Contains(point.Dimensions)),
                point => point.Dimensions));
        }
    }

    private static string Chart(string title, IEnumerable<Point> points, Func<Point, double> x) => new LineChart
    {
        XTitle = title,
        YTitle = FormattableString.Invariant($"queries/s at recall {ChartRecall}"),
        XScale = AxisScale.Logarithmic,
        YScale = AxisScale.Logarithmic,
        Width = 720,
        Height = 480,
        Series =
        [
            .. points.GroupBy(point => point.Rows[0].Peer).Select(peer =>
                new LineSeries(peer.Key, [.. peer.OrderBy(x).Select(point => (x(point), point.Rate(ChartRecall) ?? double.NaN))])),
        ],
    }.ToSvg();

    /// <summary>The sizes to measure and where their vectors come from.</summary>
    /// <param name="Real">Embeddings of length one, in random order.</param>
    /// <param name="RealDimensions">Their dimensions.</param>
    /// <param name="Counts">Numbers of vectors, with <paramref name="SweptDimensions"/> dimensions each.</param>
    /// <param name="SweptDimensions">See <paramref name="Counts"/>.</param>
    /// <param name="Dimensions">Dimensions, of <paramref name="SweptCount"/> vectors each.</param>
    /// <param name="SweptCount">See <paramref name="Dimensions"/>.</param>
    /// <param name="Queries">How many of the real vectors are held out as queries.</param>
    private sealed record Sweep(
        float[] Real, int RealDimensions, int[] Counts, int SweptDimensions, int[] Dimensions, int SweptCount, int Queries)
    {
        public IEnumerable<(int Count, int Dimensions)> Sizes =>
            Counts.Select(count => (count, SweptDimensions)).Concat(Dimensions.Select(size => (SweptCount, size))).Distinct();

        public VectorSet Make(int count, int dimensions)
        {
            float[] projected = ImageEmbeddings.Normalize(OrthogonalProjection.Apply(Real, RealDimensions, dimensions), dimensions);
            return SyntheticVectors.Create(projected, dimensions, count, Queries);
        }
    }

    /// <summary>The measurements of one index at one size.</summary>
    private sealed record Point(int Count, int Dimensions, List<SearchRow> Rows)
    {
        /// <summary>The queries per second of its fastest setting that reaches a recall; null where none does.</summary>
        public double? Rate(double recall) => Rows.Where(row => row.Recall >= recall).Max(row => (double?)row.QueriesPerSecond);

        public string ToJson() => JsonSerializer.Serialize(new
        {
            peer = Rows[0].Peer,
            build = Rows[0].Build,
            count = Count,
            dimensions = Dimensions,
            build_s = Rows[0].BuildSeconds,
            qps_95 = Rate(0.95),
            qps_99 = Rate(0.99),
            qps_999 = Rate(0.999),
            file_bytes = Rows[0].FileBytes,
            peak_mb = Rows[^1].PeakMegabytes,
        });
    }
}
