using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// Classifies images with a model that was trained on classes. This class is thread-safe: one instance can serve all threads.
/// </summary>
/// <remarks>The result for an image does not depend on the other images in its batch or on the number of threads.</remarks>
public sealed class ImageClassifier : IDisposable
{
    /// <summary>
    /// The key of the class names in the metadata of a model: a JSON array of strings, in the order of the network's outputs.
    /// </summary>
    public const string ClassesKey = "classes";

    // An embedder whose embedding is the network's output.
    private readonly ImageEmbedder _scorer;

    /// <summary>Initializes a new instance of the <see cref="ImageClassifier"/> class for a model.</summary>
    /// <param name="model">
    /// The model. Its metadata must have the class names under <see cref="ClassesKey"/>, and its <see cref="Preprocessing"/> unless
    /// <paramref name="options"/> has it.
    /// </param>
    /// <param name="options">How to read images and run the network, or null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    /// <exception cref="ArgumentException">The class names or the preprocessing are missing or do not match the network.</exception>
    public ImageClassifier(Model model, ImageEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Classes = ReadClasses(model.Metadata)
            ?? throw new ArgumentException(
                $"The model '{model.Network.Name}' is not a classifier; expected '{ClassesKey}' in its metadata.", nameof(model));
        if (model.Network.OutputShape.Length != Classes.Length)
        {
            throw new ArgumentException(
                $"The network '{model.Network.Name}' has output {model.Network.OutputShape}; "
                + $"expected {Classes.Length} values, one for each class in the metadata.",
                nameof(model));
        }

        Model = model;
        var scoring = new Model(model.Network, model.Weights, model.Network.Layers[^1].Name, model.Metadata);
        _scorer = new ImageEmbedder(scoring, options);
    }

    /// <summary>Gets the model.</summary>
    public Model Model { get; }

    /// <summary>Gets the class names, in the order of the network's outputs.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>Loads a model file and creates a classifier for it.</summary>
    /// <param name="modelPath">The path of the model file.</param>
    /// <param name="options">How to read images and run the network, or null for the defaults.</param>
    /// <returns>The classifier.</returns>
    /// <exception cref="ModelFormatException">The file is not a model, or it is damaged.</exception>
    /// <exception cref="ArgumentException">The model is not a classifier, or has no preprocessing that matches its network.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImageClassifier Load(string modelPath, ImageEmbedderOptions? options = null) => new(Model.Load(modelPath), options);

    /// <summary>Reads the class names from the metadata of a model.</summary>
    /// <param name="metadata">The metadata of the model.</param>
    /// <returns>The class names, or null if the model is not a classifier.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="metadata"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// The value under <see cref="ClassesKey"/> is not a JSON array of at least two different names.
    /// </exception>
    public static ImmutableArray<string>? ReadClasses(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (!metadata.TryGetValue(ClassesKey, out string? json))
        {
            return null;
        }

        try
        {
            string[]? names = JsonSerializer.Deserialize(json, ClassNamesJson.Default.StringArray);
            if (names is { Length: >= 2 } && !names.Contains(null) && names.Distinct(StringComparer.Ordinal).Count() == names.Length)
            {
                return [.. names];
            }
        }
        catch (JsonException)
        {
            // Reported below, like any other value that is not a list of names.
        }

        string shown = json.Length > 80 ? json[..80] + "..." : json;
        throw new ArgumentException(
            $"'{ClassesKey}' is {shown} in the model's metadata; expected a JSON array of at least two different names.", nameof(metadata));
    }

    /// <summary>Serializes class names for the metadata of a model, under <see cref="ClassesKey"/>.</summary>
    /// <param name="classes">The class names, in the order of the network's outputs.</param>
    /// <returns>A JSON array of strings.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="classes"/> is null.</exception>
    public static string WriteClasses(IEnumerable<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return JsonSerializer.Serialize([.. classes], ClassNamesJson.Default.StringArray);
    }

    /// <summary>Reads an image and returns its most probable classes.</summary>
    /// <param name="source">The image; a path converts implicitly.</param>
    /// <param name="count">The maximum number of classes to return; at least 1, 5 by default.</param>
    /// <param name="cancellationToken">Cancels the operation before the image is read, or before the network runs.</param>
    /// <returns>The most probable classes, most probable first; ties are in the order of <see cref="Classes"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    /// <exception cref="ImageFormatException">The image cannot be decoded.</exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    /// <exception cref="NotFiniteNumberException">The network computes infinity or NaN for this image.</exception>
    public async Task<ImmutableArray<ClassProbability>> ClassifyAsync(
        ImageSource source, int count = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Rank(await _scorer.EmbedAsync(source, cancellationToken).ConfigureAwait(false), count);
    }

    /// <summary>Returns the most probable classes of a decoded image.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <param name="count">The maximum number of classes to return; at least 1, 5 by default.</param>
    /// <returns>The most probable classes, most probable first; ties are in the order of <see cref="Classes"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public ImmutableArray<ClassProbability> Classify(Image image, int count = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Rank(_scorer.Embed(image), count);
    }

    /// <summary>
    /// Classifies many images and returns the results in order, as they become available. An image that cannot be read, or for which the
    /// network computes infinity or NaN, yields a result with <see cref="ImageClassification.Error"/>, and the others continue.
    /// </summary>
    /// <param name="sources">The images. They are enumerated one batch at a time, so the sequence can be larger than memory.</param>
    /// <param name="cancellationToken">Cancels the operation between images.</param>
    /// <returns>One result for each image.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="sources"/> is null.</exception>
    public async IAsyncEnumerable<ImageClassification> ClassifyManyAsync(
        IEnumerable<ImageSource> sources, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (ImageEmbedding scored in _scorer.EmbedManyAsync(sources, cancellationToken).ConfigureAwait(false))
        {
            yield return scored.Succeeded
                ? new ImageClassification(scored.Source, scored.Vector)
                : new ImageClassification(scored.Source, scored.Error);
        }
    }

    /// <summary>Converts logits to probabilities and returns the most probable classes.</summary>
    /// <param name="logits">The logit of each class, such as <see cref="ImageClassification.Logits"/>.</param>
    /// <param name="count">The maximum number of classes to return; at least 1.</param>
    /// <returns>The most probable classes, most probable first; ties are in the order of <see cref="Classes"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    /// <exception cref="ArgumentException">The number of logits is not the number of classes.</exception>
    public ImmutableArray<ClassProbability> Rank(ReadOnlySpan<float> logits, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (logits.Length != Classes.Length)
        {
            throw new ArgumentException(
                $"{logits.Length} logits for {Classes.Length} classes; expected one for each class.", nameof(logits));
        }

        // The maximum is subtracted so that no exponential overflows.
        var probabilities = new float[logits.Length];
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), probabilities);
        TensorPrimitives.SoftMax(probabilities, probabilities);
        return [.. probabilities.Select((probability, i) => new ClassProbability(Classes[i], probability))
            .OrderByDescending(candidate => candidate.Probability).Take(count)];
    }

    /// <summary>Releases the network's resources.</summary>
    public void Dispose() => _scorer.Dispose();
}
