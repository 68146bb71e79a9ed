using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Evaluation.Tests;

public sealed class TopKAccuracyTests
{
    private static readonly float[] Scores =
    [
        0.1f, 0.7f, 0.2f, // true class 1: first
        0.5f, 0.3f, 0.2f, // true class 1: second
        0.5f, 0.3f, 0.2f, // true class 2: third
        0.0f, 0.9f, 0.1f, // true class 2: second
    ];

    private static readonly int[] Actual = [1, 1, 2, 2];

    [Theory]
    [InlineData(1, 0.25)]
    [InlineData(2, 0.75)]
    [InlineData(3, 1)]
    [InlineData(100, 1)]
    public void Share_matches_the_hand_counted_value(int k, double expected) =>
        Assert.Equal(expected, TopKAccuracy.Compute(Scores, Actual, 3, k));

    [Fact]
    public void Equal_scores_give_no_advantage() =>
        Assert.Equal(0.25, TopKAccuracy.Compute(new float[16], [0, 1, 2, 3], 4, 1));

    [Fact]
    public void Infinite_scores_are_ranked() =>
        Assert.Equal(1, TopKAccuracy.Compute([float.NegativeInfinity, float.PositiveInfinity], [1], 2, 1));

    [Fact]
    public void Invalid_input_is_rejected_by_name()
    {
        Assert.Equal("actual", Assert.Throws<ArgumentException>(() => TopKAccuracy.Compute([], [], 3, 1)).ParamName);
        Assert.Equal("scores", Assert.Throws<ArgumentException>(() => TopKAccuracy.Compute([1, 2], [0], 3, 1)).ParamName);
        Assert.Equal("actual", Assert.Throws<ArgumentException>(() => TopKAccuracy.Compute([1, 2, 3], [3], 3, 1)).ParamName);
        Assert.Contains(
            "class 1 of sample 0",
            Assert.Throws<ArgumentException>(() => TopKAccuracy.Compute([1, float.NaN], [0], 2, 1)).Message,
            StringComparison.Ordinal);
        Assert.Equal("k", Assert.Throws<ArgumentOutOfRangeException>(() => TopKAccuracy.Compute([1], [0], 1, 0)).ParamName);
        Assert.Equal("classCount", Assert.Throws<ArgumentOutOfRangeException>(() => TopKAccuracy.Compute([1], [0], 0, 1)).ParamName);
    }

    [Fact]
    public void Accuracy_never_falls_with_k_and_equals_that_of_the_matrix_at_k_1()
    {
        Prop.ForAll<int[]>(seeds =>
        {
            if (seeds.Length == 0)
            {
                return true;
            }

            var random = new Random(seeds[0]);
            float[] scores = [.. Enumerable.Range(0, seeds.Length * 5).Select(_ => random.Next(8) / 8f)];
            int[] actual = [.. seeds.Select(_ => random.Next(5))];
            double[] byK = [.. Enumerable.Range(1, 5).Select(k => TopKAccuracy.Compute(scores, actual, 5, k))];
            int[] best = [.. actual.Select((_, i) => scores.AsSpan(i * 5, 5).IndexOf(scores.Skip(i * 5).Take(5).Max()))];
            double right = new ClassificationReport(new ConfusionMatrix(actual, best, ["a", "b", "c", "d", "e"])).Accuracy;
            return byK[0] == right && byK[4] == 1 && byK.Zip(byK.Skip(1)).All(p => p.First <= p.Second);
        }).QuickCheckThrowOnFailure();
    }
}
