using System.Collections.Immutable;
using SimNet.Embeddings;
using SimNet.Evaluation;

namespace SimNet.Core;

/// <summary>Evaluates a classifier with labeled products.</summary>
public static class ClassifierEvaluation
{
    /// <summary>Classifies each image and compares the result with the label of its product.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="products">The products.</param>
    /// <param name="label">The label whose values are the classes.</param>
    /// <param name="progress">Receives the completed share; 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the work between images.</param>
    /// <returns>The quality of the classifier.</returns>
    /// <exception cref="ArgumentException">No product has both a class of the model and a readable image.</exception>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    public static async Task<ClassifierEvaluationReport> EvaluateAsync(
        this ImageClassifier classifier,
        ProductCatalog products,
        string label,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(products);
        ArgumentNullException.ThrowIfNull(label);
        return await EvaluateOrNullAsync(classifier, products, label, progress, cancellationToken).ConfigureAwait(false)
            ?? throw new ArgumentException(
                $"None of the {products.Count} products has a readable image and a value of the label '{label}' that is a class; "
                    + $"the classes are {string.Join(", ", classifier.Classes)}.",
                nameof(products));
    }

    /// <summary>
    /// Does the same, but returns <see langword="null"/> instead of throwing, so that a long training is not lost if no product can be
    /// evaluated.
    /// </summary>
    internal static async Task<ClassifierEvaluationReport?> EvaluateOrNullAsync(
        ImageClassifier classifier,
        ProductCatalog products,
        string label,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        (Product Product, ImageSource Image, int Class)[] all =
        [
            .. products.SelectMany(product => product.Images, (product, image) =>
                (product, image, product.GetLabel(label) is { } name ? classifier.Classes.IndexOf(name) : -1)),
        ];
        (Product Product, ImageSource Image, int Class)[] labeled = [.. all.Where(image => image.Class >= 0)];

        List<int> actual = [], predicted = [];
        var scores = new List<float>();
        var mistakes = ImmutableArray.CreateBuilder<ClassifierMistake>();
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        int next = 0;
        await foreach (ImageClassification classification in classifier
            .ClassifyManyAsync(labeled.Select(image => image.Image), cancellationToken).ConfigureAwait(false))
        {
            (Product product, ImageSource image, int number) = labeled[next++];
            if (!classification.Succeeded)
            {
                failures.Add(ImageFailure.From(product.Id, image, classification.Error));
                continue;
            }

            ClassProbability best = classifier.Rank(classification.Logits.Span, 1)[0];
            actual.Add(number);
            predicted.Add(classifier.Classes.IndexOf(best.Class));
            scores.AddRange(classification.Logits.Span);
            if (predicted[^1] != number)
            {
                mistakes.Add(new ClassifierMistake(product.Id, image.Name, classifier.Classes[number], best));
            }

            if (next % 64 == 0)
            {
                progress?.Report((double)next / labeled.Length);
            }
        }

        if (actual.Count == 0)
        {
            return null;
        }

        progress?.Report(1);
        return new ClassifierEvaluationReport(
            new ClassificationReport(new ConfusionMatrix([.. actual], [.. predicted], classifier.Classes)),
            TopKAccuracy.Compute([.. scores], [.. actual], classifier.Classes.Length, 5),
            all.Length - labeled.Length,
            mistakes.ToImmutable(),
            failures.ToImmutable());
    }
}
