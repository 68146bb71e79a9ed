using SimNet.Core;
using SimNet.Evaluation;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary>Tables of the scores of a classifier.</summary>
internal static class ClassificationTables
{
    /// <summary>
    /// The largest number of classes for which the confusion matrix is shown. For more, the most frequent confusions are listed.
    /// </summary>
    private const int LargestMatrix = 15;

    private const int ListedConfusions = 20;

    public static void Write(IAnsiConsole console, string title, ClassifierEvaluationReport report)
    {
        ConfusionMatrix confusion = report.Scores.Confusion;
        console.WriteLine();
        console.WriteLine(title);
        console.WriteLine(report.Scores.ToString());
        console.WriteLine(
            FormattableString.Invariant($"top-5 accuracy: {report.Top5:0.0000}, error rate: {1 - report.Scores.Accuracy:0.0000}"));
        console.WriteLine();
        if (confusion.ClassNames.Count <= LargestMatrix)
        {
            console.WriteLine(confusion.ToString());
            return;
        }

        var largest = from actual in Enumerable.Range(0, confusion.ClassNames.Count)
                      from predicted in Enumerable.Range(0, confusion.ClassNames.Count)
                      where actual != predicted && confusion[actual, predicted] > 0
                      orderby confusion[actual, predicted] descending
                      select (Actual: actual, Predicted: predicted, Count: confusion[actual, predicted]);
        foreach ((int actual, int predicted, long count) in largest.Take(ListedConfusions))
        {
            console.WriteLine($"{count,5}  {confusion.ClassNames[actual]} classified as {confusion.ClassNames[predicted]}");
        }
    }
}
