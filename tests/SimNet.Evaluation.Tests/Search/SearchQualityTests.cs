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
    public void An_id_found_twice_counts_once() => Assert.Equal(0.5, SearchQuality.Recall<int>([1, 1], [1, 2]));

    [Fact]
    public void An_id_twice_among_the_exact_is_refused() =>
        Assert.Contains(
            "Id 7 ", Assert.Throws<ArgumentException>(() => SearchQuality.Recall<int>([7], [7, 7])).Message, StringComparison.Ordinal);

    [Fact]
    public void Another_choice_among_equally_distant_items_counts_by_distance() =>
        Assert.Equal(1, SearchQuality.RecallByDistance([1, 2, 2], [1, 2, 2]));

    [Fact]
    public void Farther_items_are_misses()
    {
        Assert.Equal(2.0 / 3, SearchQuality.RecallByDistance([1, 2, 2.001f], [1, 1.5f, 2]));
        Assert.Equal(1.0 / 3, SearchQuality.RecallByDistance([1], [1, 1.5f, 2]));
        Assert.Equal(0, SearchQuality.RecallByDistance([], [1]));
    }

    [Fact]
    public void Tolerances_reach_as_far_as_they_say()
    {
        Assert.Equal(1, SearchQuality.RecallByDistance([2.00001f], [2]));
        Assert.Equal(0, SearchQuality.RecallByDistance([2.0001f], [2]));
        Assert.Equal(1, SearchQuality.RecallByDistance([2.0001f], [2], relativeTolerance: 1e-3));
        Assert.Equal(0, SearchQuality.RecallByDistance([1e-7f], [0]));
        Assert.Equal(1, SearchQuality.RecallByDistance([1e-7f], [0], absoluteTolerance: 1e-6));
    }

    [Fact]
    public void Negative_distances_of_inner_products_are_tolerated_outwards() =>
        Assert.Equal(1, SearchQuality.RecallByDistance([-1.999999f], [-2]));

    [Fact]
    public void Results_past_k_do_not_help() => Assert.Equal(0.5, SearchQuality.RecallByDistance([1, 5, 1, 1], [1, 1]));

    [Fact]
    public void Nothing_to_find_is_found() => Assert.Equal(1, SearchQuality.RecallByDistance([], []));

    [Fact]
    public void Bad_distances_are_named()
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
    public void Report_sums_up_queries()
    {
        SearchQualityReport report = SearchQualityReport.FromRecalls([1, 0.5, 0.75, 1]);
        Assert.Equal((4, 0.8125, 0.5, 2), (report.Queries, report.MeanRecall, report.MinimumRecall, report.PerfectQueries));
        Assert.Equal("recall 0.8125 (worst 0.5000, perfect 2 of 4 queries)", report.ToString());
    }

    [Fact]
    public void Report_refuses_what_is_no_recall()
    {
        Assert.Throws<ArgumentException>(() => SearchQualityReport.FromRecalls([]));
        Assert.Contains(
            "Recall 1 is 1.5",
            Assert.Throws<ArgumentException>(() => SearchQualityReport.FromRecalls([1, 1.5])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SearchQualityReport.FromRecalls([double.NaN]));
    }
}
