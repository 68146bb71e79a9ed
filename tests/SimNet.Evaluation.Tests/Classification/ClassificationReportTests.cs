using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Evaluation.Tests;

public sealed class ClassificationReportTests
{
    private static readonly ConfusionMatrix Matrix = new([0, 0, 0, 0, 0, 1, 1, 1, 2], [0, 0, 0, 1, 2, 1, 1, 0, 1], ["cat", "dog", "bird"]);

    [Fact]
    public void Scores_of_a_class_match_hand_computed_values()
    {
        ClassificationScores cat = new ClassificationReport(Matrix).Classes[0];
        Near(3.0 / 4, cat.Precision);
        Near(3.0 / 5, cat.Recall);
        Near(6.0 / 9, cat.Accuracy);
        Near(2.0 / 3, cat.F1);
        Near(3.0 / 9, cat.ErrorRate);
        Assert.Equal(5, cat.Support);
    }

    [Fact]
    public void Macro_is_the_mean_of_the_classes()
    {
        ClassificationScores macro = new ClassificationReport(Matrix).Macro;
        Near((3.0 / 4 + 2.0 / 4 + 0) / 3, macro.Precision);
        Near((3.0 / 5 + 2.0 / 3 + 0) / 3, macro.Recall);
        Near((6 + 6 + 7) / 27.0, macro.Accuracy);
        Near((2.0 / 3 + 4.0 / 7 + 0) / 3, macro.F1);
        Near((3 + 3 + 2) / 27.0, macro.ErrorRate);
        Assert.Equal(9, macro.Support);
    }

    [Fact]
    public void Micro_sums_the_counts_first()
    {
        ClassificationReport report = new(Matrix);
        Near(5.0 / 9, report.Micro.Precision);
        Near(5.0 / 9, report.Micro.Recall);
        Near(19.0 / 27, report.Micro.Accuracy);
        Near(8.0 / 27, report.Micro.ErrorRate);
        Near(5.0 / 9, report.Accuracy);
    }

    [Fact]
    public void A_class_that_never_occurs_scores_0_and_is_left_out_of_the_mean()
    {
        ClassificationReport report = new(new ConfusionMatrix([0, 1], [0, 1], ["a", "b", "unused"]));
        Assert.Equal(new ClassificationScores(0, 0, 1, 0, 0, 0), report.Classes[2]);
        Assert.Equal(new ClassificationScores(1, 1, 1, 1, 0, 2), report.Macro);
    }

    [Fact]
    public void A_class_predicted_though_it_never_occurs_stays_in_the_mean()
    {
        ClassificationReport report = new(new ConfusionMatrix([0, 0], [0, 1], ["a", "b"]));
        Near(0.5, report.Macro.Precision);
        Near(0.25, report.Macro.Recall);
    }

    [Fact]
    public void A_single_class_is_always_correct()
    {
        Assert.Equal(
            new ClassificationScores(1, 1, 1, 1, 0, 2), new ClassificationReport(new ConfusionMatrix([0, 0], [0, 0], ["only"])).Micro);
    }

    [Fact]
    public void An_empty_matrix_is_rejected()
    {
        Assert.Equal(
            "confusion", Assert.Throws<ArgumentException>(() => new ClassificationReport(new ConfusionMatrix([], [], ["a"]))).ParamName);
    }

    [Fact]
    public void Table_has_an_aligned_row_per_class()
    {
        string[] lines = new ClassificationReport(Matrix).ToString().Split('\n');
        Assert.Equal(7, lines.Length);
        Assert.All(lines[..6], line => Assert.Equal(lines[0].Length, line.Length));
        Assert.Equal("cat       0.7500  0.6000    0.6667  0.6667  0.3333        5", lines[1]);
        Assert.Equal("accuracy: 0.5556 of 9 samples", lines[6]);
    }

    [Fact]
    public void Invariants_hold_for_any_labels()
    {
        Prop.ForAll<(int, int)[]>(pairs =>
        {
            if (pairs.Length == 0)
            {
                return true;
            }

            int[] actual = [.. pairs.Select(p => (p.Item1 & int.MaxValue) % 4)];
            int[] predicted = [.. pairs.Select(p => (p.Item2 & int.MaxValue) % 4)];
            var matrix = new ConfusionMatrix(actual, predicted, ["a", "b", "c", "d"]);
            ClassificationReport report = new(matrix);
            bool bounded = report.Classes.Append(report.Macro).Append(report.Micro).All(s =>
                InUnit(s.Precision) && InUnit(s.Recall) && InUnit(s.Accuracy) && InUnit(s.F1)
                    && Math.Abs(s.Accuracy + s.ErrorRate - 1) < 1e-12);
            bool counted = Enumerable.Range(0, 4).All(c =>
                matrix.TruePositives(c) + matrix.FalsePositives(c) + matrix.FalseNegatives(c) + matrix.TrueNegatives(c) == pairs.Length);
            double right = actual.Zip(predicted).Count(p => p.First == p.Second) / (double)pairs.Length;
            return bounded && counted
                && Math.Abs(report.Accuracy - right) < 1e-12
                && Math.Abs(report.Micro.F1 - right) < 1e-12
                && Math.Abs(report.Micro.Precision - right) < 1e-12
                && Math.Abs(report.Micro.Recall - right) < 1e-12;
        }).QuickCheckThrowOnFailure();
    }

    private static bool InUnit(double value) => value is >= 0 and <= 1;

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-12);
}
