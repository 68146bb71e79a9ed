using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Evaluation.Tests;

public sealed class ReconstructionMetricsTests
{
    private static readonly float[] Output = [0.9f, 0.6f, 0.5f, 0.4f, 0.1f, 0.7f, 0.2f, float.NaN];
    private static readonly float[] Target = [1.0f, 0.8f, 0.5f, 0.6f, 0.0f, 0.0f, 1.0f, 1.0f];

    [Fact]
    public void Binary_accuracy_matches_the_hand_counted_value() =>
        Assert.Equal(4.0 / 8, ReconstructionMetrics.BinaryAccuracy(Output, Target));

    [Fact]
    public void Keras_accuracy_counts_only_targets_of_0_or_1() =>
        Assert.Equal(2.0 / 8, ReconstructionMetrics.KerasBinaryAccuracy(Output, Target));

    [Fact]
    public void A_half_rounds_down_on_both_sides()
    {
        Assert.Equal(1, ReconstructionMetrics.BinaryAccuracy([0.5f], [0.0f]));
        Assert.Equal(1, ReconstructionMetrics.BinaryAccuracy([0.0f], [0.5f]));
        Assert.Equal(0, ReconstructionMetrics.BinaryAccuracy([0.5f], [0.50001f]));
        Assert.Equal(1, ReconstructionMetrics.KerasBinaryAccuracy([0.5f], [0.0f]));
    }

    [Fact]
    public void NaN_is_never_correct()
    {
        Assert.Equal(0, ReconstructionMetrics.BinaryAccuracy([float.NaN, 0, float.NaN, 1], [0, float.NaN, float.NaN, float.NaN]));
        Assert.Equal(0, ReconstructionMetrics.KerasBinaryAccuracy([float.NaN, float.NaN], [0, 1]));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(256)]
    [InlineData(128)]
    public void Every_vector_width_counts_like_the_scalar_code(int bits)
    {
        // Vector operations wider than the processor supports run in software, so every width is tested on every machine.
        float[] levels =
        [
            -1, 0, 0.25f, 0.49999997f, 0.5f, 0.50000006f, 0.75f, 1, 2, float.NaN, float.PositiveInfinity, float.NegativeInfinity,
        ];
        var random = new Random(1);
        for (int length = 0; length < 100; length++)
        {
            float[] output = [.. Enumerable.Range(0, length).Select(_ => levels[random.Next(levels.Length)])];
            float[] target = [.. Enumerable.Range(0, length).Select(_ => levels[random.Next(levels.Length)])];
            Assert.Equal(AgreementCount.CountScalar<SameSideOfHalf>(output, target), Count<SameSideOfHalf>(bits, output, target));
            Assert.Equal(
                AgreementCount.CountScalar<RoundedOutputIsTarget>(output, target), Count<RoundedOutputIsTarget>(bits, output, target));
        }
    }

    [Fact]
    public void Mean_squared_error_matches_the_hand_computed_value() =>
        Assert.Equal((0.25 + 0 + 4) / 3, ReconstructionMetrics.MeanSquaredError([0.5f, 1, -1], [1, 1, 1]), 1e-6);

    [Theory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(100_003)]
    public void Mean_squared_error_matches_a_sum_in_double_precision(int length)
    {
        var random = new Random(length);
        float[] output = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
        float[] target = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
        double expected = output.Zip(target, (o, t) => (double)(o - t) * (o - t)).Sum() / length;
        Assert.Equal(expected, ReconstructionMetrics.MeanSquaredError(output, target), expected * 1e-5);
    }

    [Fact]
    public void Mean_squared_error_of_NaN_is_NaN() =>
        Assert.True(double.IsNaN(ReconstructionMetrics.MeanSquaredError([1, float.NaN], [1, 1])));

    [Fact]
    public void Invalid_input_is_rejected_by_name()
    {
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => ReconstructionMetrics.BinaryAccuracy([1], [])).ParamName);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => ReconstructionMetrics.KerasBinaryAccuracy([], [])).ParamName);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => ReconstructionMetrics.MeanSquaredError([], [])).ParamName);
    }

    [Fact]
    public void Measures_have_the_signature_of_a_training_metric()
    {
        Metric[] metrics =
        [
            ReconstructionMetrics.BinaryAccuracy,
            ReconstructionMetrics.KerasBinaryAccuracy,
            ReconstructionMetrics.MeanSquaredError,
        ];
        Assert.Equal([1, 1, 0], metrics.Select(metric => metric([0, 1], [0, 1])));
    }

    [Fact]
    public void Invariants_hold_for_any_values()
    {
        Prop.ForAll<(float, float)[]>(pairs =>
        {
            float[] output = [.. pairs.Select(p => p.Item1)];
            float[] target = [.. pairs.Select(p => p.Item2)];
            if (pairs.Length == 0)
            {
                return true;
            }

            double accuracy = ReconstructionMetrics.BinaryAccuracy(output, target);
            int comparable = output.Count(o => !float.IsNaN(o));
            return accuracy is >= 0 and <= 1
                && accuracy == ReconstructionMetrics.BinaryAccuracy(target, output)
                && ReconstructionMetrics.KerasBinaryAccuracy(output, target) <= accuracy
                && ReconstructionMetrics.BinaryAccuracy(output, output) == (double)comparable / output.Length;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Measures_allocate_no_memory()
    {
        // The runtime allocates a little when it recompiles a loop. A measure that allocates does so in every round.
        float[] output = new float[1 << 12], target = new float[1 << 12];
        long least = long.MaxValue;
        for (int round = 0; round < 50 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            ReconstructionMetrics.BinaryAccuracy(output, target);
            ReconstructionMetrics.KerasBinaryAccuracy(output, target);
            ReconstructionMetrics.MeanSquaredError(output, target);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static long Count<TAgreement>(int bits, float[] output, float[] target)
        where TAgreement : struct, IAgreement => bits switch
        {
            512 => AgreementCount.Count512<TAgreement>(output, target),
            256 => AgreementCount.Count256<TAgreement>(output, target),
            _ => AgreementCount.Count128<TAgreement>(output, target),
        };

    private delegate double Metric(ReadOnlySpan<float> output, ReadOnlySpan<float> target);
}
