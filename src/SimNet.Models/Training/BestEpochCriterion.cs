namespace SimNet.Models;

/// <summary>The criterion by which epochs are compared. The first of equal epochs is the best; an epoch with NaN never is.</summary>
public enum BestEpochCriterion
{
    /// <summary>The lowest validation loss.</summary>
    LowestValidationLoss,

    /// <summary>The highest validation metric, for metrics such as accuracy.</summary>
    HighestValidationMetric,

    /// <summary>The lowest validation metric, for metrics such as an error rate.</summary>
    LowestValidationMetric,
}
