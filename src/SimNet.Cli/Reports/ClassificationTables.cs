using Spectre.Console;
using SimNet.Core;
using SimNet.Evaluation;

namespace SimNet.Cli;

/// <summary>A classifier's scores as tables.</summary>
internal static class ClassificationTables
{
    /// <summary>More classes make a confusion matrix that no screen shows; its largest confusions are listed instead.</summary>
    private const int LargestMatrix = 15;

    private const int ListedConfusions = 20;

    public static void Write(IAnsiConsole console, string title, ClassifierEvaluationReport report)
    {
        ConfusionMatrix confusion = report.Scores.Confusion;
        console.WriteLine();
        console.WriteLine(title);
        console.WriteLine(report.Scores.ToString());
        console.WriteLine(FormattableString.Invariant($"top 5: {report.Top5:0.0000}, error rate: {1 - report.Scores.Accuracy:0.0000}"));
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
                      select (Actual: confusion.ClassNames[actual], Predicted: confusion.ClassNames[predicted], Count: confusion[actual, predicted]);
        foreach ((string actual, string predicted, long count) in largest.Take(ListedConfusions))
        {
            console.WriteLine($"{count,5}  {actual} taken for {predicted}");
        }
    }
}
