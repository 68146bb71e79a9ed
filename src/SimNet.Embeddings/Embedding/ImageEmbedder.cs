using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using SimNet.Compute;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// Computes embedding vectors of images with a model and its preprocessing. This class is thread-safe: one instance can serve all threads.
/// </summary>
/// <remarks>
/// The vector of an image does not depend on the other images in its batch or on the number of threads.
/// The class implements <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of Microsoft.Extensions.AI.
/// </remarks>
public sealed class ImageEmbedder : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    /// <summary>The images in a run between two checks for cancellation: enough to keep all cores busy.</summary>
    private const int SliceSize = 16;

    private static readonly Lazy<ImageEmbedder> Shared =
        new(() => new ImageEmbedder(PretrainedModel.Products, options: null, isShared: true));

    private readonly ImageEmbedderOptions _options;
    private readonly ImageDecoderOptions _decoderOptions;
    private readonly IInferenceSession _session;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly bool _isShared;
    private readonly Model? _model;

    /// <summary>Initializes a new instance of the <see cref="ImageEmbedder"/> class for a model.</summary>
    /// <param name="model">
    /// The model. Its metadata must have a <see cref="Embeddings.Preprocessing"/> that matches its input, unless
    /// <paramref name="options"/> has one.
    /// </param>
    /// <param name="options">How to read images and run the network, or null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// There is no preprocessing, it does not produce the network's input, or the model and the options have different ones; or an option
    /// is out of range.
    /// </exception>
    public ImageEmbedder(Model model, ImageEmbedderOptions? options = null)
        : this(model, options, isShared: false)
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="ImageEmbedder"/> class for an inference session, for networks that a
    /// <see cref="Models.Model"/> cannot represent, such as an ONNX file with operators that only ONNX Runtime supports
    /// (<c>OnnxRuntimeBackend.OpenInferenceSession</c>). This embedder has no <see cref="Model"/>, so a catalog cannot be saved with it.
    /// </summary>
    /// <param name="session">The session that runs the network. Its only output is the embedding. The embedder disposes it.</param>
    /// <param name="preprocessing">The preprocessing that turns an image into the network's input.</param>
    /// <param name="name">The name of the network.</param>
    /// <param name="options">How to read images, or null for the defaults. The back end and the preprocessing are ignored.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="session"/>, <paramref name="preprocessing"/> or <paramref name="name"/> is null.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The preprocessing does not produce the session's input, the session does not have exactly one output, <paramref name="name"/> is
    /// blank, or an option is out of range.
    /// </exception>
    public ImageEmbedder(IInferenceSession session, Preprocessing preprocessing, string name, ImageEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _options = Checked(options);
        if (session.OutputShapes.Count != 1)
        {
            throw new ArgumentException(
                $"The session has {session.OutputShapes.Count} outputs; expected one, the embedding.", nameof(session));
        }

        RequireInput(preprocessing, session.InputShape, name, nameof(preprocessing));
        RequireBatch(_options, session);
        Preprocessing = preprocessing;
        _decoderOptions = preprocessing.ForDecoding(_options.DecoderOptions);
        _session = session;
        Dimensions = session.OutputShapes[0].Length;
        _metadata = new EmbeddingGeneratorMetadata("simnet", defaultModelId: name, defaultModelDimensions: Dimensions);
    }

    private ImageEmbedder(Model model, ImageEmbedderOptions? options, bool isShared)
    {
        ArgumentNullException.ThrowIfNull(model);
        _options = Checked(options);
        _isShared = isShared;
        _model = model = Prepared(model, _options.Preprocessing);
        Preprocessing = Preprocessing.FromMetadata(model.Metadata);
        _decoderOptions = Preprocessing.ForDecoding(_options.DecoderOptions);
        RequireInput(Preprocessing, model.Network.InputShape, model.Network.Name, nameof(model));
        _session = (_options.Backend ?? new ManagedBackend()).CreateInferenceSession(model.Network, model.Weights, [model.EmbeddingLayer]);
        Dimensions = _session.OutputShapes[0].Length;
        try
        {
            RequireBatch(_options, _session);
        }
        catch
        {
            _session.Dispose();
            throw;
        }

        _metadata = new EmbeddingGeneratorMetadata("simnet", defaultModelId: model.Network.Name, defaultModelDimensions: Dimensions);
    }

    /// <summary>
    /// Gets the embedder of the pretrained model in this library, which embeds product images without any training. There is one per
    /// process, created on first use; its <see cref="Dispose"/> does nothing.
    /// </summary>
    /// <remarks>
    /// <para>The model is a SqueezeNet 1.1 with batch normalization and leaky ReLU, trained on about 32,000 products of a fashion shop to
    /// classify 67 article types. A vector has 512 values; compare vectors by cosine. The <see cref="Model"/> also works in an
    /// <see cref="ImageClassifier"/>. The model card (docs/model-card.md) describes its training, its accuracy and its limits.</para>
    /// <para>Another version of the library may contain another model, which computes other vectors and has another
    /// <see cref="Models.Model.Id"/>.</para>
    /// </remarks>
    public static ImageEmbedder Default => Shared.Value;

    /// <summary>Gets the model, with the preprocessing in its metadata.</summary>
    /// <exception cref="InvalidOperationException">The embedder was created for a session and has no model.</exception>
    public Model Model => _model ?? throw new InvalidOperationException(
        $"The embedder of '{_metadata.DefaultModelId}' was created for a session and has no model.");

    /// <summary>Gets the preprocessing that turns an image into the network's input.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>Gets the number of values in an embedding.</summary>
    public int Dimensions { get; }

    /// <summary>Creates an embedder for the model of <see cref="Default"/>, with options of its own. The caller disposes it.</summary>
    /// <param name="options">How to read images and run the network, or null for the defaults.</param>
    /// <returns>The embedder.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the preprocessing is not the model's.</exception>
    public static ImageEmbedder CreateDefault(ImageEmbedderOptions? options = null) => new(PretrainedModel.Products, options);

    /// <summary>Loads a model file and creates an embedder for it.</summary>
    /// <param name="modelPath">
    /// The path of the model file, ONNX or safetensors. A file exported by another program has no preprocessing:
    /// <paramref name="options"/> must have it.
    /// </param>
    /// <param name="options">How to read images and run the network, or null for the defaults.</param>
    /// <returns>The embedder.</returns>
    /// <exception cref="ModelFormatException">The file is not a model, or it is damaged.</exception>
    /// <exception cref="ArgumentException">
    /// There is no preprocessing, or it does not produce the network's input; or an option is out of range.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImageEmbedder Load(string modelPath, ImageEmbedderOptions? options = null) => new(Model.Load(modelPath), options);

    /// <summary>Reads and embeds an image.</summary>
    /// <param name="source">The image; a path converts implicitly.</param>
    /// <param name="cancellationToken">Cancels the operation before the image is read, or before the network runs.</param>
    /// <returns>The embedding, of <see cref="Dimensions"/> values.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="ImageFormatException">The image cannot be decoded.</exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    /// <exception cref="NotFiniteNumberException">The network computes infinity or NaN for this image.</exception>
    public Task<float[]> EmbedAsync(ImageSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Task.Run(() =>
        {
            Image image = source.Load(_options.Decoder, _decoderOptions);
            cancellationToken.ThrowIfCancellationRequested();
            float[] vector = Embed(image);
            return FindNotFinite(source, vector) is { } error ? throw error : vector;
        }, cancellationToken);
    }

    /// <summary>Embeds a decoded image.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <returns>The embedding, of <see cref="Dimensions"/> values, as the network computes it: it can contain infinity or NaN.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    public float[] Embed(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        int length = _session.InputShape.Length;
        float[] input = ArrayPool<float>.Shared.Rent(length);
        try
        {
            Preprocessing.Apply(image, input.AsSpan(0, length));
            var vector = new float[Dimensions];
            _session.Run(input.AsMemory(0, length), 1, [vector]);
            return vector;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(input);
        }
    }

    /// <summary>
    /// Embeds many images and returns the results in order, as they become available. An image that cannot be read, or for which the
    /// network computes infinity or NaN, yields a result with <see cref="ImageEmbedding.Error"/>, and the others continue.
    /// </summary>
    /// <param name="sources">The images. They are enumerated one batch at a time, so the sequence can be larger than memory.</param>
    /// <param name="cancellationToken">Cancels the operation between images.</param>
    /// <returns>One result for each image.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="sources"/> is null.</exception>
    public IAsyncEnumerable<ImageEmbedding> EmbedManyAsync(IEnumerable<ImageSource> sources, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return EmbedBatchesAsync(sources, cancellationToken);
    }

    /// <summary>Embeds encoded images, for Microsoft.Extensions.AI.</summary>
    /// <param name="values">The encoded images, JPEG or PNG with the default decoder.</param>
    /// <param name="options">
    /// Options, or null. <see cref="EmbeddingGenerationOptions.Dimensions"/> must be null or <see cref="Dimensions"/>; other options are
    /// ignored.
    /// </param>
    /// <param name="cancellationToken">Cancels the operation between images.</param>
    /// <returns>One embedding for each image, in order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> is null.</exception>
    /// <exception cref="ImageFormatException">An image cannot be decoded.</exception>
    /// <exception cref="NotFiniteNumberException">The network computes infinity or NaN for an image.</exception>
    /// <exception cref="ArgumentException">An image is null, or the options ask for another number of dimensions.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Dimensions is int dimensions && dimensions != Dimensions)
        {
            throw new ArgumentException(
                $"The options ask for {dimensions} dimensions; expected {Dimensions}, those of '{_metadata.DefaultModelId}'.",
                nameof(options));
        }

        IEnumerable<ImageSource> sources = values.Select((value, i) => value is null
            ? throw new ArgumentException($"Image {i} is null.", nameof(values))
            : ImageSource.FromBytes(string.IsNullOrWhiteSpace(value.Name) ? $"image {i}" : value.Name, value.Data));
        var embeddings = new GeneratedEmbeddings<Embedding<float>>();
        DateTimeOffset createdAt = DateTimeOffset.UtcNow;
        await foreach (ImageEmbedding embedding in EmbedManyAsync(sources, cancellationToken).ConfigureAwait(false))
        {
            if (!embedding.Succeeded)
            {
                throw embedding.Error;
            }

            embeddings.Add(new Embedding<float>(embedding.Vector) { ModelId = _metadata.DefaultModelId, CreatedAt = createdAt });
        }

        return embeddings;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Releases the network's resources. Does nothing on <see cref="Default"/>, which is shared.</summary>
    public void Dispose()
    {
        if (!_isShared)
        {
            _session.Dispose();
        }
    }

    private static ImageEmbedderOptions Checked(ImageEmbedderOptions? options)
    {
        options ??= new ImageEmbedderOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxThreads, nameof(options));
        return options;
    }

    /// <summary>Returns the model with the preprocessing of the options in its metadata if it has none, so that it is saved too.</summary>
    private static Model Prepared(Model model, Preprocessing? preprocessing)
    {
        if (!model.Metadata.ContainsKey(Preprocessing.MetadataKey))
        {
            if (preprocessing is null)
            {
                throw new ArgumentException(
                    $"The model '{model.Network.Name}' has no preprocessing; expected '{Preprocessing.MetadataKey}' in its metadata, or "
                    + $"{nameof(ImageEmbedderOptions)}.{nameof(ImageEmbedderOptions.Preprocessing)} "
                    + $"({nameof(Preprocessing)}.{nameof(Preprocessing.ImageNet)} for networks trained on ImageNet).",
                    nameof(model));
            }

            var metadata = model.Metadata.Concat(preprocessing.ToMetadata()).ToImmutableDictionary();
            return new Model(model.Network, model.Weights, model.EmbeddingLayer, metadata);
        }

        return preprocessing is null || preprocessing == Preprocessing.FromMetadata(model.Metadata) ? model
            : throw new ArgumentException(
                $"The model '{model.Network.Name}' has a preprocessing of its own, other than "
                + $"{nameof(ImageEmbedderOptions)}.{nameof(ImageEmbedderOptions.Preprocessing)}.",
                nameof(preprocessing));
    }

    private static void RequireInput(Preprocessing preprocessing, Shape input, string name, string argument)
    {
        if (preprocessing.InputShape != input)
        {
            throw new ArgumentException(
                $"The preprocessing produces {preprocessing.InputShape}; expected {input}, the input of '{name}'.", argument);
        }
    }

    private static void RequireBatch(ImageEmbedderOptions options, IInferenceSession session)
    {
        int largest = Math.Max(session.InputShape.Length, session.OutputShapes[0].Length);
        if ((long)options.BatchSize * largest > Array.MaxLength)
        {
            throw new ArgumentException(
                $"{nameof(ImageEmbedderOptions.BatchSize)} is {options.BatchSize}; expected at most {Array.MaxLength / largest} images "
                + $"of {session.InputShape}.",
                nameof(options));
        }
    }

    private async IAsyncEnumerable<ImageEmbedding> EmbedBatchesAsync(
        IEnumerable<ImageSource> sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (ImageSource[] batch in sources.Chunk(_options.BatchSize))
        {
            ImageEmbedding[] embeddings = await Task.Run(() => EmbedBatch(batch, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            foreach (ImageEmbedding embedding in embeddings)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return embedding;
            }
        }
    }

    private ImageEmbedding[] EmbedBatch(ImageSource[] batch, CancellationToken cancellationToken)
    {
        int length = _session.InputShape.Length;
        float[] inputs = ArrayPool<float>.Shared.Rent(batch.Length * length);
        try
        {
            var errors = new Exception?[batch.Length];
            var blemishes = new IReadOnlyList<string>[batch.Length];
            Prepare(batch, inputs, errors, blemishes, cancellationToken);

            // The readable images are moved together, so that the network runs on them alone.
            int readable = 0;
            for (int i = 0; i < batch.Length; i++)
            {
                if (errors[i] is null)
                {
                    inputs.AsSpan(i * length, length).CopyTo(inputs.AsSpan(readable++ * length));
                }
            }

            float[][] vectors = Run(inputs, readable, cancellationToken);
            int next = 0;
            var embeddings = new ImageEmbedding[batch.Length];
            for (int i = 0; i < batch.Length; i++)
            {
                float[] vector = errors[i] is null ? vectors[next++] : [];
                embeddings[i] = (errors[i] ?? FindNotFinite(batch[i], vector)) is { } error
                    ? new ImageEmbedding(batch[i], error)
                    : new ImageEmbedding(batch[i], vector, blemishes[i]);
            }

            return embeddings;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(inputs);
        }
    }

    /// <summary>Returns the error of an image whose vector has a component that is not finite; null if all are finite.</summary>
    private NotFiniteNumberException? FindNotFinite(ImageSource source, float[] vector)
    {
        int component = Array.FindIndex(vector, value => !float.IsFinite(value));
        return component < 0 ? null : new NotFiniteNumberException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Component {component} of the vector of '{source.Name}' is {vector[component]}; expected finite numbers. "
                + $"The network '{_metadata.DefaultModelId}' overflows for this image."),
            vector[component]);
    }

    private void Prepare(
        ImageSource[] batch,
        float[] inputs,
        Exception?[] errors,
        IReadOnlyList<string>[] blemishes,
        CancellationToken cancellationToken)
    {
        int length = _session.InputShape.Length;
        var options = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = _options.MaxThreads == 0 ? Environment.ProcessorCount : _options.MaxThreads,
        };
        try
        {
            Parallel.For(0, batch.Length, options, i =>
            {
                try
                {
                    Image image = batch[i].Load(_options.Decoder, _decoderOptions);
                    blemishes[i] = image.Blemishes;
                    Preprocessing.Apply(image, inputs.AsSpan(i * length, length));
                }
                catch (Exception exception) when (exception is ImageFormatException or IOException)
                {
                    errors[i] = exception;
                }
            });
        }
        catch (AggregateException exception)
        {
            // What is no fault of an image, such as the cancellation by a decoder, reaches the caller as it was thrown.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    /// <summary>Runs the network on a few images at a time, so that cancellation does not wait for the whole batch.</summary>
    private float[][] Run(float[] inputs, int count, CancellationToken cancellationToken)
    {
        int length = _session.InputShape.Length;
        var vectors = new float[count][];
        float[] outputs = ArrayPool<float>.Shared.Rent(Math.Min(count, SliceSize) * Dimensions);
        try
        {
            for (int start = 0; start < count; start += SliceSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int slice = Math.Min(SliceSize, count - start);
                Memory<float> output = outputs.AsMemory(0, slice * Dimensions);
                _session.Run(inputs.AsMemory(start * length, slice * length), slice, [output]);
                for (int i = 0; i < slice; i++)
                {
                    vectors[start + i] = output.Slice(i * Dimensions, Dimensions).ToArray();
                }
            }

            return vectors;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(outputs);
        }
    }
}
