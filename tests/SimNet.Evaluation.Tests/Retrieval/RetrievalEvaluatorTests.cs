namespace SimNet.Evaluation.Tests;

public sealed class RetrievalEvaluatorTests
{
    [Fact]
    public void Report_is_the_mean_of_the_queries()
    {
        var evaluator = new RetrievalEvaluator(2);
        RetrievalScores? first = evaluator.Add("shoe", ["shoe", "shoe", "belt"], totalRelevant: 4);
        RetrievalScores? second = evaluator.Add("belt", ["shoe", "belt"], totalRelevant: 1);
        Assert.Equal(new RetrievalScores(1, 0.5, 1, 1), first);
        Assert.Equal(new RetrievalScores(0.5, 1, 0.5, 1 / Math.Log2(3)), second);
        RetrievalReport report = evaluator.Report;
        Assert.Equal((2, 2, 0), (report.K, report.Queries, report.SkippedQueries));
        Assert.Equal(0.75, report.MeanPrecision);
        Assert.Equal(0.75, report.MeanRecall);
        Assert.Equal(0.75, report.MeanAveragePrecision);
        Assert.Equal((1 + 0.6309297535714575) / 2, report.MeanNdcg, 1e-12);
    }

    [Fact]
    public void Skipped_queries_are_counted_but_not_averaged()
    {
        var evaluator = new RetrievalEvaluator(3);
        Assert.Null(evaluator.Add(null, ["a", "b"], totalRelevant: 0));
        Assert.Null(evaluator.Add("only one of its kind", ["a", "b"], totalRelevant: 0));
        evaluator.Add("a", ["a"], totalRelevant: 1);
        Assert.Equal((1, 2, 1.0), (evaluator.Report.Queries, evaluator.Report.SkippedQueries, evaluator.Report.MeanAveragePrecision));
    }

    [Fact]
    public void Results_without_a_label_are_not_relevant() =>
        Assert.Equal(0.5, new RetrievalEvaluator(2).Add("a", [null, "a"], totalRelevant: 1)?.Precision);

    [Fact]
    public void Labels_are_case_sensitive() =>
        Assert.Equal(0, new RetrievalEvaluator(1).Add("a", ["A"], totalRelevant: 1)?.Precision);

    [Fact]
    public void Means_without_queries_are_NaN()
    {
        RetrievalReport report = new RetrievalEvaluator(5).Report;
        Assert.Equal(0, report.Queries);
        double[] means = [report.MeanPrecision, report.MeanRecall, report.MeanAveragePrecision, report.MeanNdcg];
        Assert.All(means, mean => Assert.True(double.IsNaN(mean)));
    }

    [Fact]
    public void Invalid_input_is_rejected_and_does_not_change_the_means()
    {
        Assert.Equal("k", Assert.Throws<ArgumentOutOfRangeException>(() => new RetrievalEvaluator(0)).ParamName);
        var evaluator = new RetrievalEvaluator(5);
        Assert.Throws<ArgumentException>(() => evaluator.Add("a", ["a", "a"], totalRelevant: 1));
        Assert.Throws<ArgumentException>(() => evaluator.Add([true], totalRelevant: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Add(null, [], totalRelevant: -1));
        Assert.Equal((0, 0), (evaluator.Report.Queries, evaluator.Report.SkippedQueries));
    }

    [Fact]
    public void Text_contains_k_and_counts()
    {
        var evaluator = new RetrievalEvaluator(5);
        evaluator.Add([true, true, true, true, false], totalRelevant: 8);
        Assert.StartsWith(
            "precision@5 0.8000, recall@5 0.5000, mAP@5 0.8000, nDCG@5 0.8", evaluator.Report.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("over 1 queries (0 skipped)", evaluator.Report.ToString(), StringComparison.Ordinal);
    }
}
