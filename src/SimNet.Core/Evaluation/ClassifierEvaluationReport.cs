using System.Collections.Immutable;
using SimNet.Evaluation;

namespace SimNet.Core;

/// <summary>The quality of a classifier. Each image counts once.</summary>
/// <param name="Scores">The accuracy, the precision, recall and F1 of each class, and the confusion matrix.</param>
/// <param name="Top5">The top-5 accuracy: the share of images whose class is among the five most probable ones.</param>
/// <param name="Skipped">The number of images of products without the label, or with a value that is not a class of the model.</param>
/// <param name="Mistakes">The misclassified images.</param>
/// <param name="Failures">The images that could not be read, or whose vectors are not finite.</param>
public sealed record ClassifierEvaluationReport(
    ClassificationReport Scores,
    double Top5,
    int Skipped,
    ImmutableArray<ClassifierMistake> Mistakes,
    ImmutableArray<ImageFailure> Failures);
