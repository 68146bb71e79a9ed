namespace SimNet.Evaluation;

/// <summary>
/// The measures of the first k results of one query, each 0 to 1. <see cref="RetrievalMetrics"/> describes the conventions.
/// </summary>
/// <param name="Precision">Precision@k.</param>
/// <param name="Recall">Recall@k.</param>
/// <param name="AveragePrecision">Average precision@k.</param>
/// <param name="Ndcg">Normalized discounted cumulative gain@k.</param>
public readonly record struct RetrievalScores(double Precision, double Recall, double AveragePrecision, double Ndcg);
