namespace SimNet.Evaluation;

/// <summary>The measures of one class, or their average over classes; each 0 to 1.</summary>
/// <remarks>
/// Equations 2 to 6 of the e-SimNet paper (2021), from the numbers of true and false positives and negatives. A measure whose denominator
/// is 0 is 0: the precision of a class that is never predicted, the recall of a class that never occurs, and F1 if both are 0.
/// </remarks>
/// <param name="Precision">TP / (TP + FP).</param>
/// <param name="Recall">TP / (TP + FN).</param>
/// <param name="Accuracy">(TP + TN) / (TP + TN + FP + FN).</param>
/// <param name="F1">2 x precision x recall / (precision + recall).</param>
/// <param name="ErrorRate">(FP + FN) / (TP + TN + FP + FN), which is 1 - accuracy.</param>
/// <param name="Support">The number of samples of the class; for an average, the number of all samples.</param>
public readonly record struct ClassificationScores(
    double Precision, double Recall, double Accuracy, double F1, double ErrorRate, long Support)
{
    internal static ClassificationScores FromCounts(
        long truePositives, long falsePositives, long falseNegatives, long trueNegatives, long support)
    {
        double all = (double)truePositives + falsePositives + falseNegatives + trueNegatives;
        double precision = Ratio(truePositives, (double)truePositives + falsePositives);
        double recall = Ratio(truePositives, (double)truePositives + falseNegatives);
        return new ClassificationScores(
            precision,
            recall,
            Ratio((double)truePositives + trueNegatives, all),
            Ratio(2 * precision * recall, precision + recall),
            Ratio((double)falsePositives + falseNegatives, all),
            support);
    }

    private static double Ratio(double numerator, double denominator) => denominator == 0 ? 0 : numerator / denominator;
}
