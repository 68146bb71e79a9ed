using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Evaluation.Tests;

public sealed class SearchQualityTests
{
    [Fact]
    public void Recall_counts_what_was_found_in_any_order()
    {
        Assert.Equal(0.75, SearchQuality.Recall<int>([4, 9, 1, 2], [1, 2, 3, 4]));
        Assert.Equal(1, SearchQuality.Recall<string>(["b", "a"], ["a", "b"]));
        Assert.Equal(0, SearchQuality.Recall<int>([], [1]));
        Assert.Equal(1, SearchQuality.Recall<int>([1], []));
    }

    [Fact]
    public void An_ID_found_twice_counts_once() => Assert.Equal(0.5, SearchQuality.Recall<int>([1, 1], [1, 2]));

    [Fact]
    public void A_duplicate_exact_ID_is_rejected() =>
        Assert.Contains(
            "ID 7 ", Assert.Throws<ArgumentException>(() => SearchQuality.Recall<int>([7], [7, 7])).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_of_several_equally_distant_items_counts() =>
        Assert.Equal(1, SearchQuality.RecallByDistance([1, 2, 2], [1, 2, 2]));

    [Fact]
    public void Farther_items_are_misses()
    {
        Assert.Equal(2.0 / 3, SearchQuality.RecallByDistance([1, 2, 2.001f], [1, 1.5f, 2]));
        Assert.Equal(1.0 / 3, SearchQuality.RecallByDistance([1], [1, 1.5f, 2]));
        Assert.Equal(0, SearchQuality.RecallByDistance([], [1]));
    }

    [Fact]
    public void Tolerances_are_applied()
    {
        Assert.Equal(1, SearchQuality.RecallByDistance([2.00001f], [2]));
        Assert.Equal(0, SearchQuality.RecallByDistance([2.0001f], [2]));
        Assert.Equal(1, SearchQuality.RecallByDistance([2.0001f], [2], relativeTolerance: 1e-3));
        Assert.Equal(0, SearchQuality.RecallByDistance([1e-7f], [0]));
        Assert.Equal(1, SearchQuality.RecallByDistance([1e-7f], [0], absoluteTolerance: 1e-6));
    }

    [Fact]
    public void Tolerances_also_widen_negative_distances() =>
        Assert.Equal(1, SearchQuality.RecallByDistance([-1.999999f], [-2]));

    [Fact]
    public void Results_after_the_k_th_do_not_count() => Assert.Equal(0.5, SearchQuality.RecallByDistance([1, 5, 1, 1], [1, 1]));

    [Fact]
    public void Recall_is_1_if_there_is_nothing_to_find() => Assert.Equal(1, SearchQuality.RecallByDistance([], []));

    [Fact]
    public void Invalid_distances_are_rejected_by_name()
    {
        Assert.Equal("exactDistances", Assert.Throws<ArgumentException>(() => SearchQuality.RecallByDistance([1], [2, 1])).ParamName);
        Assert.Equal("exactDistances", Assert.Throws<ArgumentException>(() => SearchQuality.RecallByDistance([1], [float.NaN])).ParamName);
        Assert.Equal("foundDistances", Assert.Throws<ArgumentException>(() => SearchQuality.RecallByDistance([float.NaN], [1])).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => SearchQuality.RecallByDistance([1], [1], relativeTolerance: -1));
    }

    [Fact]
    public void Recall_is_the_share_of_the_intersection()
    {
        Prop.ForAll<int[], int[]>((found, listed) =>
        {
            int[] exact = [.. listed.Distinct()];
            double expected = exact.Length == 0 ? 1 : (double)exact.Intersect(found).Count() / exact.Length;
            return SearchQuality.Recall<int>(found, exact) == expected && SearchQuality.Recall<int>(exact, exact) == 1;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Report_summarizes_queries()
    {
        SearchQualityReport report = SearchQualityReport.FromRecalls([1, 0.5, 0.75, 1]);
        Assert.Equal((4, 0.8125, 0.5, 2), (report.Queries, report.MeanRecall, report.MinimumRecall, report.PerfectQueries));
        Assert.Equal("recall 0.8125 (worst 0.5000, perfect 2 of 4 queries)", report.ToString());
    }

    [Fact]
    public void Report_rejects_values_that_are_not_recalls()
    {
        Assert.Throws<ArgumentException>(() => SearchQualityReport.FromRecalls([]));
        Assert.Contains(
            "Recall 1 is 1.5",
            Assert.Throws<ArgumentException>(() => SearchQualityReport.FromRecalls([1, 1.5])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SearchQualityReport.FromRecalls([double.NaN]));
    }
}
