using SimNet.Core;
using SimNet.Evaluation;

namespace SimNet.Cli;

/// <summary>
/// The quality of a classifier in JSON output. Each image counts once; shares are from 0 to 1; precision, recall and F1 are averages over
/// classes.
/// </summary>
internal sealed record ClassificationSummary
{
    public required long Images { get; init; }

    /// <summary>The number of images without the label or with a value that is not a class of the model.</summary>
    public required int Skipped { get; init; }

    public required double Accuracy { get; init; }

    public required double Top5 { get; init; }

    /// <summary>The share of misclassified images.</summary>
    public required double ErrorRate { get; init; }

    public required double Precision { get; init; }

    public required double Recall { get; init; }

    public required double F1 { get; init; }

    public required ClassSummary[] Classes { get; init; }

    /// <summary>The confusion matrix: a row for each actual and a column for each predicted class, as in <see cref="Classes"/>.</summary>
    public required long[][] Confusion { get; init; }

    public required ClassifierMistake[] Mistakes { get; init; }

    public required ImageFailure[] Failures { get; init; }

    public static ClassificationSummary From(ClassifierEvaluationReport report)
    {
        ConfusionMatrix confusion = report.Scores.Confusion;
        return new ClassificationSummary
        {
            Images = confusion.Total,
            Skipped = report.Skipped,
            Accuracy = report.Scores.Accuracy,
            Top5 = report.Top5,
            ErrorRate = 1 - report.Scores.Accuracy,
            Precision = report.Scores.Macro.Precision,
            Recall = report.Scores.Macro.Recall,
            F1 = report.Scores.Macro.F1,
            Classes =
            [
                .. confusion.ClassNames.Zip(report.Scores.Classes, (name, scores) =>
                    new ClassSummary(name, scores.Precision, scores.Recall, scores.F1, scores.Support)),
            ],
            Confusion =
            [
                .. confusion.ClassNames.Select((_, actual) =>
                    confusion.ClassNames.Select((_, predicted) => confusion[actual, predicted]).ToArray()),
            ],
            Mistakes = [.. report.Mistakes],
            Failures = [.. report.Failures],
        };
    }
}

/// <summary>The scores of one class.</summary>
internal sealed record ClassSummary(string Name, double Precision, double Recall, double F1, long Images);
