using System.Globalization;
using System.Text;

namespace SimNet.Evaluation;

/// <summary>
/// Measures of a classifier: precision, recall, accuracy, F1 and error rate of each class, and their averages over the classes.
/// </summary>
public sealed class ClassificationReport
{
    /// <summary>Computes all measures of a confusion matrix.</summary>
    /// <param name="confusion">The confusion matrix, with at least one sample.</param>
    /// <exception cref="ArgumentException">The matrix has no samples.</exception>
    public ClassificationReport(ConfusionMatrix confusion)
    {
        ArgumentNullException.ThrowIfNull(confusion);
        if (confusion.Total == 0)
        {
            throw new ArgumentException("The confusion matrix counts no samples; expected at least one.", nameof(confusion));
        }

        Confusion = confusion;
        int classCount = confusion.ClassNames.Count;
        var classes = new ClassificationScores[classCount];
        long truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
        double precision = 0, recall = 0, accuracy = 0, f1 = 0, errorRate = 0;
        int occurring = 0;
        for (int c = 0; c < classCount; c++)
        {
            (long tp, long fp, long fn, long tn) = (
                confusion.TruePositives(c), confusion.FalsePositives(c), confusion.FalseNegatives(c), confusion.TrueNegatives(c));
            ClassificationScores scores = classes[c] = ClassificationScores.FromCounts(tp, fp, fn, tn, support: tp + fn);
            truePositives += tp;
            falsePositives += fp;
            falseNegatives += fn;
            trueNegatives += tn;
            if (tp + fp + fn > 0)
            {
                occurring++;
                precision += scores.Precision;
                recall += scores.Recall;
                accuracy += scores.Accuracy;
                f1 += scores.F1;
                errorRate += scores.ErrorRate;
            }
        }

        Classes = classes;
        Macro = new ClassificationScores(
            precision / occurring, recall / occurring, accuracy / occurring, f1 / occurring, errorRate / occurring, confusion.Total);
        Micro = ClassificationScores.FromCounts(truePositives, falsePositives, falseNegatives, trueNegatives, confusion.Total);
        Accuracy = (double)truePositives / confusion.Total;
    }

    /// <summary>The confusion matrix of the report.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>The measures of each class, by class number.</summary>
    public IReadOnlyList<ClassificationScores> Classes { get; }

    /// <summary>
    /// The mean over the classes (macro average). Classes that neither occur nor are predicted are left out, because they say nothing about
    /// the classifier.
    /// </summary>
    public ClassificationScores Macro { get; }

    /// <summary>
    /// The measures of the counts summed over the classes (micro average). With one label per sample, its precision, recall and F1 all
    /// equal <see cref="Accuracy"/>. Its accuracy and error rate also count true negatives, and so favor a classifier with many classes.
    /// </summary>
    public ClassificationScores Micro { get; }

    /// <summary>
    /// The share of samples whose class is predicted correctly: the top-1 accuracy. The top-1 error is 1 minus this value.
    /// </summary>
    public double Accuracy { get; }

    /// <summary>Formats an aligned table: a row per class, the averages, and the accuracy.</summary>
    public override string ToString()
    {
        IReadOnlyList<string> names = Confusion.ClassNames;
        int first = Math.Max("macro".Length, names.Max(name => name.Length));
        var table = new StringBuilder("".PadRight(first)).Append("  precision  recall  accuracy      F1   error  support");
        for (int c = 0; c < names.Count; c++)
        {
            Row(names[c], Classes[c]);
        }

        Row("macro", Macro);
        Row("micro", Micro);
        return table.Append(CultureInfo.InvariantCulture, $"\naccuracy: {Accuracy:0.0000} of {Confusion.Total} samples").ToString();

        void Row(string name, ClassificationScores s) => table.Append('\n').Append(name.PadRight(first)).Append(
            CultureInfo.InvariantCulture,
            $"  {s.Precision,9:0.0000}  {s.Recall,6:0.0000}  {s.Accuracy,8:0.0000}"
                + $"  {s.F1,6:0.0000}  {s.ErrorRate,6:0.0000}  {s.Support,7}");
    }
}
