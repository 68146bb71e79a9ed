using System.Collections.Immutable;
using SimNet.Embeddings;
using SimNet.Evaluation;

namespace SimNet.Core;

/// <summary>Measures a classifier with products whose classes are known.</summary>
public static class ClassifierEvaluation
{
    /// <summary>Classifies each image and compares with the product's label.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="products">The products.</param>
    /// <param name="label">The label whose values are the classes.</param>
    /// <param name="progress">Told of the share of images done, from 0 to 1.</param>
    /// <param name="cancellationToken">Cancels between images.</param>
    /// <exception cref="ArgumentException">No image of a class of the model's could be read, so there is nothing to judge.</exception>
    public static async Task<ClassifierEvaluationReport> EvaluateAsync(
        this ImageClassifier classifier, ProductCatalog products, string label, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(products);
        ArgumentNullException.ThrowIfNull(label);
        return await EvaluateOrNullAsync(classifier, products, label, progress, cancellationToken).ConfigureAwait(false)
            ?? throw new ArgumentException($"None of the {products.Count} products has an image that could be read and one of the classes {string.Join(", ", classifier.Classes)} as '{label}'.", nameof(products));
    }

    /// <summary>The same; null where there is nothing to judge, which after a long training is no reason to lose it.</summary>
    internal static async Task<ClassifierEvaluationReport?> EvaluateOrNullAsync(
        ImageClassifier classifier, ProductCatalog products, string label, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        (Product Product, ImageSource Image, int Class)[] images = [.. products.SelectMany(product => product.Images, (product, image) =>
            (product, image, product.GetLabel(label) is { } name ? classifier.Classes.IndexOf(name) : -1))];
        (Product Product, ImageSource Image, int Class)[] judged = [.. images.Where(image => image.Class >= 0)];

        List<int> actual = [], predicted = [];
        var scores = new List<float>();
        var mistakes = ImmutableArray.CreateBuilder<ClassifierMistake>();
        var failures = ImmutableArray.CreateBuilder<ImageFailure>();
        int next = 0;
        await foreach (ImageClassification one in classifier.ClassifyManyAsync(judged.Select(image => image.Image), cancellationToken).ConfigureAwait(false))
        {
            (Product product, ImageSource image, int number) = judged[next++];
            if (!one.Succeeded)
            {
                failures.Add(new ImageFailure(product.Id, image.Name, one.Error.Message));
                continue;
            }

            ClassProbability likeliest = classifier.Rank(one.Logits.Span, 1)[0];
            actual.Add(number);
            predicted.Add(classifier.Classes.IndexOf(likeliest.Class));
            scores.AddRange(one.Logits.Span);
            if (predicted[^1] != number)
            {
                mistakes.Add(new ClassifierMistake(product.Id, image.Name, classifier.Classes[number], likeliest));
            }

            if (next % 64 == 0)
            {
                progress?.Report((double)next / judged.Length);
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
            images.Length - judged.Length,
            mistakes.ToImmutable(),
            failures.ToImmutable());
    }
}
