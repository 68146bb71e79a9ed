using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Evaluation.Tests;

public sealed class ClusteringMetricsTests
{
    // Two pairs on a line: 0 and 1, then 10 and 11.
    private static readonly float[] Line = [0, 1, 10, 11];
    private static readonly int[] Pairs = [5, 5, -2, -2];

    [Fact]
    public void Silhouette_matches_the_hand_computed_value()
    {
        // a = 1 for all; b = 10.5 for the outer two and 9.5 for the inner two.
        double expected = ((10.5 - 1) / 10.5 + (9.5 - 1) / 9.5) / 2;
        Assert.Equal(expected, ClusteringMetrics.Silhouette(Line, 1, Pairs), 1e-9);
    }

    [Fact]
    public void Calinski_Harabasz_matches_the_hand_computed_value()
    {
        // Centers 0.5 and 10.5 around 5.5: B = 4 x 25; W = 4 x 0.25; (100 / 1) / (1 / 2).
        Assert.Equal(200, ClusteringMetrics.CalinskiHarabasz(Line, 1, Pairs), 1e-9);
    }

    [Fact]
    public void Both_match_values_computed_with_NumPy()
    {
        // 60 vectors of 3 dimensions in 4 clusters, one with a single vector. The expected values are from a NumPy script of the
        // definitions.
        (float[] vectors, int[] labels) = Mixed(60);
        labels[59] = 7;
        Assert.Equal(-0.010448611462204925, ClusteringMetrics.Silhouette(vectors, 3, labels), 1e-6);
        Assert.Equal(24.17568755096618, ClusteringMetrics.CalinskiHarabasz(vectors, 3, labels), 1e-4);
    }

    [Fact]
    public void A_vector_alone_in_its_cluster_has_silhouette_0()
    {
        // Vectors 0 and 1 together, 10 alone: a = 1; b = 10 and 9.
        Assert.Equal((0.9 + 8.0 / 9 + 0) / 3, ClusteringMetrics.Silhouette(new float[] { 0, 1, 10 }, 1, [0, 0, 1]), 1e-9);
        Assert.Equal(0, ClusteringMetrics.Silhouette(new float[] { 0, 1, 10 }, 1, [0, 1, 2]));
    }

    [Fact]
    public void Equal_vectors_score_0()
    {
        Assert.Equal(0, ClusteringMetrics.Silhouette(new float[8], 2, [0, 0, 1, 1]));
        Assert.Equal(0, ClusteringMetrics.CalinskiHarabasz(new float[8], 2, [0, 0, 1, 1]));
    }

    [Fact]
    public void Clusters_without_spread_have_the_best_score()
    {
        float[] vectors = [1, 1, 1, 1, 5, 5];
        Assert.Equal(1, ClusteringMetrics.Silhouette(vectors, 2, [0, 0, 1]) * 3 / 2, 1e-9);
        Assert.Equal(double.PositiveInfinity, ClusteringMetrics.CalinskiHarabasz(vectors, 2, [0, 0, 1]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(37)]
    public void The_number_of_threads_does_not_change_a_bit(int? sampleSize)
    {
        (float[] vectors, int[] labels) = Mixed(400);
        double[] results = [.. new[] { 1, 2, 3, 7, 0 }.Select(threads => ClusteringMetrics.Silhouette(
            vectors, 3, labels, new SilhouetteOptions { MaxThreads = threads, SampleSize = sampleSize, Seed = 3 }))];
        Assert.Single(results.Select(BitConverter.DoubleToInt64Bits).Distinct());
    }

    [Fact]
    public void A_sample_estimates_the_exact_value_and_depends_on_its_seed()
    {
        (float[] vectors, int[] labels) = Mixed(600);
        double exact = ClusteringMetrics.Silhouette(vectors, 3, labels);
        double[] samples = [.. Enumerable.Range(0, 40).Select(seed =>
            ClusteringMetrics.Silhouette(vectors, 3, labels, new SilhouetteOptions { SampleSize = 100, Seed = seed }))];
        Assert.True(samples.Distinct().Count() > 30);
        Assert.Equal(exact, samples.Average(), 0.01);
        Assert.Equal(exact, ClusteringMetrics.Silhouette(vectors, 3, labels, new SilhouetteOptions { SampleSize = 10_000 }));
    }

    [Fact]
    public void Invalid_input_is_rejected_by_name()
    {
        Assert.Equal("vectors", Assert.Throws<ArgumentException>(() => ClusteringMetrics.Silhouette(new float[3], 2, [0, 1])).ParamName);
        Assert.Equal("labels", Assert.Throws<ArgumentException>(() => ClusteringMetrics.Silhouette(new float[4], 2, [3, 3])).ParamName);
        Assert.Equal("labels", Assert.Throws<ArgumentException>(() => ClusteringMetrics.CalinskiHarabasz([], 2, [])).ParamName);
        Assert.Equal("labels", Assert.Throws<ArgumentException>(() => ClusteringMetrics.CalinskiHarabasz([1, 2], 1, [0, 1])).ParamName);
        Assert.Contains(
            "Value 1 of vector 2 is NaN",
            Assert.Throws<ArgumentException>(() => ClusteringMetrics.CalinskiHarabasz([0, 0, 0, 0, 0, float.NaN], 2, [0, 0, 1])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ClusteringMetrics.Silhouette(new float[2], 0, [0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ClusteringMetrics.Silhouette(new float[2], 1, [0, 1], new SilhouetteOptions { SampleSize = 0 }));
    }

    [Fact]
    public void Cancellation_stops_the_computation()
    {
        (float[] vectors, int[] labels) = Mixed(60);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => ClusteringMetrics.Silhouette(vectors, 3, labels, null, source.Token));
    }

    [Fact]
    public void Invariants_hold_for_any_labels()
    {
        Prop.ForAll<byte[]>(bytes =>
        {
            int[] labels = [.. bytes.Select(b => b % 3)];
            if (labels.Distinct().Count() < 2 || labels.Distinct().Count() == labels.Length)
            {
                return true;
            }

            float[] vectors = [.. bytes.SelectMany(b => new[] { b / 16f, b % 7 })];
            float[] moved = [.. vectors.Select(v => 2 * v + 8)];
            int[] renamed = [.. labels.Select(l => 100 - l)];
            double silhouette = ClusteringMetrics.Silhouette(vectors, 2, labels);
            double index = ClusteringMetrics.CalinskiHarabasz(vectors, 2, labels);
            return silhouette is >= -1 and <= 1
                && index >= 0
                && Math.Abs(silhouette - ClusteringMetrics.Silhouette(moved, 2, renamed)) < 1e-5
                && (index == ClusteringMetrics.CalinskiHarabasz(moved, 2, renamed)
                    || Math.Abs(index / ClusteringMetrics.CalinskiHarabasz(moved, 2, renamed) - 1) < 1e-6);
        }).QuickCheckThrowOnFailure();
    }

    private static (float[] Vectors, int[] Labels) Mixed(int count)
    {
        float[] vectors =
        [
            .. from i in Enumerable.Range(0, count)
               from j in Enumerable.Range(0, 3)
               select ((i * 37 + j * 11) % 101) / 10f + i % 3 * 4,
        ];
        return (vectors, [.. Enumerable.Range(0, count).Select(i => i % 3)]);
    }
}
