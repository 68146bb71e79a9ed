using Microsoft.Extensions.Logging;
using SimNet.Embeddings;
using SimNet.Index;

namespace SimNet.Core.Tests;

public sealed class EstimatedRecallTests
{
    private const int Size = 6;

    // Independent pixels: no direction separates near images from far ones, so the default options of a forest do not suffice.
    private static readonly Lazy<ProductCatalog> Noise = new(() => new ProductCatalog(Enumerable.Range(0, 8000).Select(i =>
    {
        var random = new SeededRandom(i);
        byte[] pixels = [.. Enumerable.Range(0, Size * Size).Select(_ => (byte)random.NextInt32(256))];
        return new Product($"p{i}", ImageSource.FromImage($"noise {i}", new Image(Size, Size, 1, pixels)));
    })));

    private static SimilarityEngineBuilder CreateBuilder() =>
        SimilarityEngine.CreateBuilder().UseModel(PixelModel.Create(Size)).AddProducts(Noise.Value);

    [Theory]
    [InlineData(IndexKind.Auto)]
    [InlineData(IndexKind.Exact)]
    [InlineData(IndexKind.Forest)]
    [InlineData(IndexKind.Graph)]
    public async Task Every_kind_reaches_the_wanted_recall_and_reports_it(IndexKind kind)
    {
        using var folder = new TemporaryFolder();
        await using SimilarityEngine engine = await CreateBuilder().UseIndex(kind).BuildAsync();
        await engine.SaveAsync(folder.Path);
        await using SimilarityEngine opened = SimilarityEngine.Open(folder.Path);

        RecallEstimate recall = Assert.IsType<RecallEstimate>(engine.Report.EstimatedRecall);
        Assert.True(recall.Recall - recall.StandardError >= 0.95, $"{recall}");
        Assert.True(kind != IndexKind.Exact || recall == RecallEstimate.Exact, $"{recall}");
        Assert.Equal(recall, engine.Index.EstimatedRecall);
        Assert.Equal(recall, opened.Report.EstimatedRecall);
    }

    [Fact]
    public async Task A_forest_is_tuned_if_its_default_options_miss_the_wanted_recall()
    {
        var progress = new List<int>();
        await using SimilarityEngine engine = await CreateBuilder().UseIndex(IndexKind.Forest)
            .BuildAsync(new ForwardedProgress<BuildProgress>(Add));
        await using SimilarityEngine low = await CreateBuilder().UseIndex(IndexKind.Forest, targetRecall: 0.2).BuildAsync();
        RecallEstimate recall = low.Report.EstimatedRecall!;

        Assert.InRange(recall.Recall, 0.2, 0.9);
        Assert.Null(Assert.IsType<RandomProjectionForest>(low.Index).Tuning);
        Assert.Equal(0.95, Assert.IsType<RandomProjectionForest>(engine.Index).Tuning!.TargetRecall);
        Assert.Equal(progress.Order(), progress);
        Assert.Equal((0, Noise.Value.Count), (progress[0], progress[^1]));

        void Add(BuildProgress reported)
        {
            if (reported.Stage == BuildStage.Indexing)
            {
                progress.Add(reported.Completed);
            }
        }
    }

    [Fact]
    public async Task Given_forest_options_are_kept_and_a_low_recall_is_logged_as_a_warning()
    {
        var log = new RecordingLogger();
        await using SimilarityEngine engine = await CreateBuilder()
            .UseIndex(new RandomProjectionForestOptions { Trees = 2 }).UseLogging(log).BuildAsync();

        var forest = Assert.IsType<RandomProjectionForest>(engine.Index);
        Assert.Equal((2, null), (forest.Options.Trees, forest.Tuning));
        Assert.InRange(engine.Report.EstimatedRecall!.Recall, 0.01, 0.9);
        string warning = Assert.Single(log.Lines, line => line.Level == LogLevel.Warning).Text;
        Assert.StartsWith("The forest index finds only ", warning, StringComparison.Ordinal);
        Assert.Contains("256 queries) with its default effort, 320; expected 95.0 %.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_recall_of_an_approximate_index_is_logged()
    {
        var log = new RecordingLogger();
        await using SimilarityEngine engine = await CreateBuilder()
            .UseIndex(IndexKind.Graph, targetRecall: 0.6).UseLogging(log).BuildAsync();

        Assert.Equal(0.6, Assert.IsType<NeighborGraph>(engine.Index).Options.TargetRecall);
        RecallEstimate recall = engine.Report.EstimatedRecall!;
        Assert.DoesNotContain(log.Lines, line => line.Level == LogLevel.Warning);
        Assert.Contains(
            log.Lines,
            line => line.Text.StartsWith("The graph index finds ", StringComparison.Ordinal)
                && line.Text.EndsWith($"with its default effort, {recall.SearchEffort}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_recall_of_a_custom_index_is_reported_and_a_low_one_logged()
    {
        var log = new RecordingLogger();
        var recall = new RecallEstimate { Recall = 0.5, StandardError = 0.01, Queries = 100, Neighbors = 10, SearchEffort = 7 };
        await using SimilarityEngine engine = await SimilarityEngine.CreateBuilder().UseModel(PixelModel.Create(32))
            .UseIndex(new BruteForceIndexFactory { EstimatedRecall = recall })
            .UseLogging(log).AddProducts(SyntheticProducts.Line()).BuildAsync();

        Assert.Equal(recall, engine.Report.EstimatedRecall);
        Assert.Contains(
            "The brute-force index finds only 50.0 % of the 10 nearest images",
            Assert.Single(log.Lines, line => line.Level == LogLevel.Warning).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_that_measures_no_recall_has_none_in_the_report()
    {
        await using SimilarityEngine custom = await SimilarityEngine.CreateBuilder().UseModel(PixelModel.Create(32))
            .UseIndex(new BruteForceIndexFactory()).AddProducts(SyntheticProducts.Line()).BuildAsync();
        await using SimilarityEngine graph = await CreateBuilder()
            .UseIndex(new NeighborGraphOptions { TargetRecall = null }).BuildAsync();

        Assert.Null(custom.Report.EstimatedRecall);
        Assert.Null(graph.Report.EstimatedRecall);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.5)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_target_recall_that_is_no_share_throws(double targetRecall) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(targetRecall), () => CreateBuilder().UseIndex(IndexKind.Graph, targetRecall));

    private sealed class RecordingLogger : ILogger, ILoggerFactory
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
