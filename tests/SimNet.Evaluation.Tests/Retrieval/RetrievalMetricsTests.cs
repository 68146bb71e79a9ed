using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Evaluation.Tests;

public sealed class RetrievalMetricsTests
{
    // Relevant at ranks 1, 3 and 4 of five; four relevant items exist.
    private static readonly bool[] Ranking = [true, false, true, true, false];

    [Fact]
    public void Precision_and_recall_match_hand_counted_values()
    {
        Assert.Equal(2.0 / 3, RetrievalMetrics.PrecisionAt(Ranking, 3));
        Assert.Equal(3.0 / 5, RetrievalMetrics.PrecisionAt(Ranking, 5));
        Assert.Equal(2.0 / 4, RetrievalMetrics.RecallAt(Ranking, 3, 4));
        Assert.Equal(3.0 / 4, RetrievalMetrics.RecallAt(Ranking, 5, 4));
    }

    [Fact]
    public void Empty_slots_count_against_precision()
    {
        Assert.Equal(3.0 / 10, RetrievalMetrics.PrecisionAt(Ranking, 10));
        Assert.Equal(0, RetrievalMetrics.PrecisionAt([], 10));
    }

    [Fact]
    public void Average_precision_matches_the_hand_computed_value()
    {
        // Precisions at the relevant ranks: 1/1, 2/3, 3/4.
        Assert.Equal((1 + 2.0 / 3 + 3.0 / 4) / 4, RetrievalMetrics.AveragePrecisionAt(Ranking, 5, 4), 1e-12);
        Assert.Equal((1 + 2.0 / 3) / 3, RetrievalMetrics.AveragePrecisionAt(Ranking, 3, 4), 1e-12);
        Assert.Equal((1 + 2.0 / 3 + 3.0 / 4) / 10, RetrievalMetrics.AveragePrecisionAt(Ranking, 10, 50), 1e-12);
    }

    [Fact]
    public void Ndcg_matches_the_hand_computed_value()
    {
        // Discounts of ranks 1 to 4: 1, 1/log2(3) = 0.6309297536, 1/2, 1/log2(5) = 0.4306765581.
        Assert.Equal(
            (1 + 0.5 + 0.4306765580733931) / (1 + 0.6309297535714575 + 0.5 + 0.4306765580733931),
            RetrievalMetrics.NdcgAt(Ranking, 5, 4),
            1e-12);
        Assert.Equal(1.5 / (1 + 0.6309297535714575 + 0.5), RetrievalMetrics.NdcgAt(Ranking, 3, 4), 1e-12);
    }

    [Fact]
    public void A_short_list_is_measured_against_the_full_ideal_list()
    {
        Assert.Equal(1 / (1 + 0.6309297535714575 + 0.5), RetrievalMetrics.NdcgAt([true], 3, 5), 1e-12);
        Assert.Equal(1.0 / 3, RetrievalMetrics.AveragePrecisionAt([true], 3, 5), 1e-12);
    }

    [Fact]
    public void Measures_are_0_if_nothing_is_relevant()
    {
        Assert.Equal(0, RetrievalMetrics.RecallAt([false, false], 2, 0));
        Assert.Equal(0, RetrievalMetrics.AveragePrecisionAt([], 2, 0));
        Assert.Equal(0, RetrievalMetrics.NdcgAt([false], 2, 0));
    }

    [Fact]
    public void Invalid_input_is_rejected_by_name()
    {
        Assert.Equal("k", Assert.Throws<ArgumentOutOfRangeException>(() => RetrievalMetrics.PrecisionAt([true], 0)).ParamName);
        Assert.Equal("totalRelevant", Assert.Throws<ArgumentException>(() => RetrievalMetrics.RecallAt([true, true], 1, 1)).ParamName);
        Assert.Equal("totalRelevant", Assert.Throws<ArgumentOutOfRangeException>(() => RetrievalMetrics.NdcgAt([], 1, -1)).ParamName);
        Assert.Equal("totalRelevant", Assert.Throws<ArgumentException>(() => RetrievalMetrics.AveragePrecisionAt([true], 1, 0)).ParamName);
    }

    [Fact]
    public void Measures_are_0_to_1_and_only_perfect_rankings_score_1()
    {
        Prop.ForAll<bool[], PositiveInt, NonNegativeInt>((relevant, atLeastOne, unseen) =>
        {
            int k = atLeastOne.Get;
            int total = relevant.Count(r => r) + unseen.Get;
            double precision = RetrievalMetrics.PrecisionAt(relevant, k);
            double recall = RetrievalMetrics.RecallAt(relevant, k, total);
            double average = RetrievalMetrics.AveragePrecisionAt(relevant, k, total);
            double ndcg = RetrievalMetrics.NdcgAt(relevant, k, total);
            int asked = Math.Min(k, total);
            bool perfect = asked > 0 && relevant.Take(asked).Count(r => r) == asked;
            return new[] { precision, recall, average, ndcg }.All(v => v is >= 0 and <= 1 + 1e-12)
                && perfect == (Math.Abs(average - 1) < 1e-9)
                && perfect == (Math.Abs(ndcg - 1) < 1e-9)
                && Math.Abs(precision * k - recall * total) < 1e-9;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Moving_a_relevant_result_up_improves_the_measures()
    {
        Prop.ForAll<bool[], NonNegativeInt>((relevant, place) =>
        {
            int at = relevant.Length < 2 ? 0 : 1 + place.Get % (relevant.Length - 1);
            if (relevant.Length < 2 || !relevant[at] || relevant[at - 1])
            {
                return true;
            }

            bool[] better = [.. relevant];
            (better[at - 1], better[at]) = (true, false);
            int total = relevant.Count(r => r);
            int k = relevant.Length;
            return RetrievalMetrics.AveragePrecisionAt(better, k, total) > RetrievalMetrics.AveragePrecisionAt(relevant, k, total)
                && RetrievalMetrics.NdcgAt(better, k, total) > RetrievalMetrics.NdcgAt(relevant, k, total);
        }).QuickCheckThrowOnFailure();
    }
}
