using System.Collections.Immutable;
using SimNet.Evaluation;

namespace SimNet.Core;

/// <summary>How well a classifier tells products apart; each image counts once.</summary>
/// <param name="Scores">Accuracy, precision, recall, F1 and error rate by class, and the confusion matrix.</param>
/// <param name="Top5">Share of images whose class is among the five likeliest.</param>
/// <param name="Skipped">Images of products without the label, or with a value of it that is no class of the model's.</param>
/// <param name="Mistakes">The images that were taken for another class.</param>
/// <param name="Failures">Images that could not be read.</param>
public sealed record ClassifierEvaluationReport(
    ClassificationReport Scores, double Top5, int Skipped, ImmutableArray<ClassifierMistake> Mistakes, ImmutableArray<ImageFailure> Failures);
