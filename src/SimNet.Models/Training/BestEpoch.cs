namespace SimNet.Models;

/// <summary>Finds the best epoch. It depends on the history alone, so a resumed run needs no other state.</summary>
internal static class BestEpoch
{
    /// <summary>Returns the number of the best epoch; 0 if the criterion is NaN or missing in every epoch.</summary>
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

    /// <summary>Determines whether the best epoch is at least <paramref name="patience"/> epochs ago; false if that is 0.</summary>
    public static bool IsPast(IReadOnlyList<EpochRecord> history, BestEpochCriterion criterion, int patience) =>
        patience > 0 && history.Count - Find(history, criterion) >= patience;
}
