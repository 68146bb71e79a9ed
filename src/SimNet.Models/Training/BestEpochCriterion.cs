namespace SimNet.Models;

/// <summary>By what a training run's epochs are compared. Of equal epochs the first is the best; one whose figure is not a number never is.</summary>
public enum BestEpochCriterion
{
    /// <summary>The lowest loss on the validation data.</summary>
    LowestValidationLoss,

    /// <summary>The highest metric on the validation data, for metrics such as accuracy.</summary>
    HighestValidationMetric,

    /// <summary>The lowest metric on the validation data, for metrics such as an error rate.</summary>
    LowestValidationMetric,
}
