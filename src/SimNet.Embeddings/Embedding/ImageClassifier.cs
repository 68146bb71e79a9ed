using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>Tells what images are of, with a model that was trained on classes. Thread-safe: one classifier serves all threads.</summary>
/// <remarks>What it says of an image does not depend on the images it is classified with, nor on the number of threads.</remarks>
public sealed class ImageClassifier : IDisposable
{
    /// <summary>Under which name the classes' names stand in a model's metadata, as a JSON array of strings in the order of the network's outputs.</summary>
    public const string ClassesKey = "classes";

    // A classifier is an embedder whose embedding is the network's output.
    private readonly ImageEmbedder _scorer;

    /// <summary>A classifier for a model.</summary>
    /// <param name="model">The model; its metadata must hold its <see cref="Preprocessing"/> and, under <see cref="ClassesKey"/>, its classes.</param>
    /// <param name="options">How to read images and run the network; the defaults when null.</param>
    /// <exception cref="ArgumentException">The model's metadata lack one of the two, or do not fit its network.</exception>
    public ImageClassifier(Model model, ImageEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Classes = ReadClasses(model.Metadata)
            ?? throw new ArgumentException($"The model of network '{model.Network.Name}' is no classifier: its metadata names no '{ClassesKey}'.", nameof(model));
        if (model.Network.OutputShape.Length != Classes.Length)
        {
            throw new ArgumentException($"The model names {Classes.Length} classes; its network '{model.Network.Name}' gives {model.Network.OutputShape}.", nameof(model));
        }

        Model = model;
        _scorer = new ImageEmbedder(new Model(model.Network, model.Weights, model.Network.Layers[^1].Name, model.Metadata), options);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The classes' names, in the order of the network's outputs.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>Loads a model file and makes a classifier for it.</summary>
    /// <param name="modelPath">The model file.</param>
    /// <param name="options">How to read images and run the network; the defaults when null.</param>
    /// <exception cref="ModelFormatException">The file is no model, or is damaged.</exception>
    /// <exception cref="ArgumentException">The model is no classifier.</exception>
    public static ImageClassifier Load(string modelPath, ImageEmbedderOptions? options = null) => new(Model.Load(modelPath), options);

    /// <summary>The names of a model's classes; null when it is no classifier.</summary>
    /// <param name="metadata">The model's metadata.</param>
    /// <exception cref="ArgumentException">What stands under <see cref="ClassesKey"/> is no JSON array of at least two different names.</exception>
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
            // Told below, like any other text that is not a list of names.
        }

        throw new ArgumentException($"'{ClassesKey}' is {(json.Length > 80 ? json[..80] + "..." : json)} in the model's metadata; expected a JSON array of at least two different names.", nameof(metadata));
    }

    /// <summary>The text to keep in a model's metadata under <see cref="ClassesKey"/>.</summary>
    /// <param name="classes">The classes' names in the order of the network's outputs.</param>
    public static string WriteClasses(IEnumerable<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return JsonSerializer.Serialize([.. classes], ClassNamesJson.Default.StringArray);
    }

    /// <summary>The likeliest classes of one image, likeliest first, equal ones by their order in <see cref="Classes"/>.</summary>
    /// <param name="source">The image; a path converts to it.</param>
    /// <param name="count">How many; 5 by default, all when there are fewer. At least 1.</param>
    /// <param name="cancellationToken">Cancels before the image is read, and between reading it and running the network.</param>
    /// <exception cref="ImageFormatException">The image could not be decoded.</exception>
    /// <exception cref="IOException">The image could not be read.</exception>
    public async Task<ImmutableArray<ClassProbability>> ClassifyAsync(ImageSource source, int count = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Rank(await _scorer.EmbedAsync(source, cancellationToken).ConfigureAwait(false), count);
    }

    /// <summary>The likeliest classes of one decoded image, likeliest first, equal ones by their order in <see cref="Classes"/>.</summary>
    /// <param name="image">The image.</param>
    /// <param name="count">How many; 5 by default, all when there are fewer. At least 1.</param>
    public ImmutableArray<ClassProbability> Classify(Image image, int count = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Rank(_scorer.Embed(image), count);
    }

    /// <summary>
    /// The scores of many images, in their order, as they are ready. An image that cannot be read gives a result with
    /// <see cref="ImageClassification.Error"/>; the others go on.
    /// </summary>
    /// <param name="sources">The images; read a batch at a time, so that a sequence may be longer than memory.</param>
    /// <param name="cancellationToken">Cancels between images.</param>
    public async IAsyncEnumerable<ImageClassification> ClassifyManyAsync(IEnumerable<ImageSource> sources, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (ImageEmbedding scored in _scorer.EmbedManyAsync(sources, cancellationToken).ConfigureAwait(false))
        {
            yield return scored.Succeeded ? new ImageClassification(scored.Source, scored.Vector) : new ImageClassification(scored.Source, scored.Error);
        }
    }

    /// <summary>The likeliest of the classes that scores stand for, likeliest first, equal ones by their order in <see cref="Classes"/>.</summary>
    /// <param name="logits">A score for each class, such as <see cref="ImageClassification.Logits"/>.</param>
    /// <param name="count">How many; all when there are fewer. At least 1.</param>
    /// <exception cref="ArgumentException">There are more or fewer scores than classes.</exception>
    public ImmutableArray<ClassProbability> Rank(ReadOnlySpan<float> logits, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (logits.Length != Classes.Length)
        {
            throw new ArgumentException($"{logits.Length} scores for {Classes.Length} classes; expected as many.", nameof(logits));
        }

        // Less the largest, so that no exponential overflows.
        var probabilities = new float[logits.Length];
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), probabilities);
        TensorPrimitives.SoftMax(probabilities, probabilities);
        return [.. probabilities.Select((probability, i) => new ClassProbability(Classes[i], probability))
            .OrderByDescending(one => one.Probability).Take(count)];
    }

    /// <summary>Frees the network's buffers.</summary>
    public void Dispose() => _scorer.Dispose();
}
