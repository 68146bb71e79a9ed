namespace SimNet.Models;

/// <summary>Which epoch of a history is the best. It follows from the history alone, so a resumed run needs nothing else to know it.</summary>
internal static class BestEpoch
{
    /// <summary>The best epoch's number; 0 where no epoch has a figure that is a number.</summary>
    public static int Find(IReadOnlyList<EpochRecord> history, BestEpochCriterion criterion)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        foreach (EpochRecord record in history)
        {
            double? figure = criterion switch
            {
                BestEpochCriterion.LowestValidationLoss => record.ValidationLoss,
                BestEpochCriterion.HighestValidationMetric => -record.ValidationMetric,
                _ => record.ValidationMetric,
            };
            if (figure < least)
            {
                least = figure.Value;
                best = record.Epoch;
            }
        }

        return best;
    }

    /// <summary>Whether the best epoch is as many epochs ago as are waited for another; never where <paramref name="patience"/> is 0.</summary>
    public static bool IsPast(IReadOnlyList<EpochRecord> history, BestEpochCriterion criterion, int patience) =>
        patience > 0 && history.Count - Find(history, criterion) >= patience;
}
