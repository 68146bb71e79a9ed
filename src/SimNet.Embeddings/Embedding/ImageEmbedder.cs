using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using SimNet.Compute;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// Turns images into vectors with a model and the preprocessing that travels in it. Thread-safe: one embedder serves all threads.
/// </summary>
/// <remarks>
/// An image's vector does not depend on the images it is embedded with, nor on the number of threads.
/// It is an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of Microsoft.Extensions.AI as well.
/// </remarks>
public sealed class ImageEmbedder : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    /// <summary>Images run between two looks at the cancellation token: enough to keep all cores busy.</summary>
    private const int SliceSize = 16;

    private static readonly Lazy<ImageEmbedder> Shared = new(() => new ImageEmbedder(PretrainedModel.Products, options: null, isShared: true));

    private readonly ImageEmbedderOptions _options;
    private readonly IInferenceSession _session;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly bool _isShared;
    private readonly Model? _model;

    /// <summary>An embedder for a model.</summary>
    /// <param name="model">The model. Its metadata must hold a <see cref="Embeddings.Preprocessing"/> that fits its input, unless the options give one.</param>
    /// <param name="options">How to read images and run the network; the defaults when null.</param>
    /// <exception cref="ArgumentException">The model carries no preprocessing, or one that does not make its network's input.</exception>
    public ImageEmbedder(Model model, ImageEmbedderOptions? options = null)
        : this(model, options, isShared: false)
    {
    }

    /// <summary>
    /// An embedder for a session of any backend, for networks that are no <see cref="Models.Model"/>: such as an ONNX file that only ONNX Runtime can run
    /// (<c>OnnxRuntimeBackend.OpenInferenceSession</c>). It has no <see cref="Model"/>, so an engine's catalog cannot be saved with it.
    /// </summary>
    /// <param name="session">Runs the network; its first output is the embedding. Disposed with the embedder.</param>
    /// <param name="preprocessing">How an image becomes the network's input.</param>
    /// <param name="name">What the network is called.</param>
    /// <param name="options">How to read images; the defaults when null. Its backend and preprocessing are not used.</param>
    /// <exception cref="ArgumentException">The preprocessing does not make the session's input, or the session has not one output.</exception>
    public ImageEmbedder(IInferenceSession session, Preprocessing preprocessing, string name, ImageEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _options = Checked(options);
        if (session.OutputShapes.Count != 1)
        {
            throw new ArgumentException($"The session has {session.OutputShapes.Count} outputs; expected one, the embedding.", nameof(session));
        }

        RequireInput(preprocessing, session.InputShape, name, nameof(preprocessing));
        RequireBatch(_options, session);
        Preprocessing = preprocessing;
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
    /// The embedder of the model that comes with this library: it works on product images without any training. Made when first asked
    /// for, one for the whole process; <see cref="Dispose"/> does nothing on it.
    /// </summary>
    /// <remarks>
    /// A SqueezeNet 1.1 with batch norm and leaky ReLU that learned from some 32,000 products of a fashion shop which of 67 types of article
    /// each image shows. A vector has 512 values; vectors are best compared by cosine.
    /// Its <see cref="Model"/> is an <see cref="ImageClassifier"/>'s as well. The model card (docs/model-card.md) says how it was trained, how well
    /// it does and what it is not for. Another version of this library may bring another model, hence other vectors; <see cref="Models.Model.Id"/> tells.
    /// </remarks>
    public static ImageEmbedder Default => Shared.Value;

    /// <summary>The model, with the preprocessing in its metadata.</summary>
    /// <exception cref="InvalidOperationException">The embedder was made for a session and has no model.</exception>
    public Model Model => _model ?? throw new InvalidOperationException($"The embedder of '{_metadata.DefaultModelId}' was made for a session; it has no model to save or look at.");

    /// <summary>How an image becomes the network's input; read from the model, or given in the options.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>Number of values in an embedding.</summary>
    public int Dimensions { get; }

    /// <summary>An embedder of one's own for the model of <see cref="Default"/>; to dispose when done.</summary>
    /// <param name="options">How to read images and run the network; the defaults when null.</param>
    public static ImageEmbedder CreateDefault(ImageEmbedderOptions? options = null) => new(PretrainedModel.Products, options);

    /// <summary>Loads a model file and makes an embedder for it.</summary>
    /// <param name="modelPath">The model file, ONNX or safetensors. One that another program exported carries no preprocessing: the options say it.</param>
    /// <param name="options">How to read images and run the network; the defaults when null.</param>
    /// <exception cref="ModelFormatException">The file is no model, or is damaged.</exception>
    /// <exception cref="ArgumentException">The model carries no preprocessing, or one that does not make its network's input.</exception>
    public static ImageEmbedder Load(string modelPath, ImageEmbedderOptions? options = null) => new(Model.Load(modelPath), options);

    /// <summary>The vector of one image.</summary>
    /// <param name="source">The image; a path converts to it.</param>
    /// <param name="cancellationToken">Cancels before the image is read, and between reading it and running the network.</param>
    /// <exception cref="ImageFormatException">The image could not be decoded.</exception>
    /// <exception cref="IOException">The image could not be read.</exception>
    public Task<float[]> EmbedAsync(ImageSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Task.Run(() =>
        {
            Image image = source.Load(_options.Decoder, _options.DecoderOptions);
            cancellationToken.ThrowIfCancellationRequested();
            return Embed(image);
        }, cancellationToken);
    }

    /// <summary>The vector of one decoded image.</summary>
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
    /// The vectors of many images, in their order, as they are ready. An image that cannot be read gives a result with
    /// <see cref="ImageEmbedding.Error"/>; the others go on.
    /// </summary>
    /// <param name="sources">The images; read a batch at a time, so that a sequence may be longer than memory.</param>
    /// <param name="cancellationToken">Cancels between images.</param>
    public IAsyncEnumerable<ImageEmbedding> EmbedManyAsync(IEnumerable<ImageSource> sources, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return EmbedBatchesAsync(sources, cancellationToken);
    }

    /// <summary>The vectors of images given as data with a media type, for Microsoft.Extensions.AI.</summary>
    /// <param name="values">Encoded images (JPEG or PNG).</param>
    /// <param name="options">Not used: a model has one size of embedding. A <see cref="EmbeddingGenerationOptions.Dimensions"/> other than this model's is refused.</param>
    /// <param name="cancellationToken">Cancels between images.</param>
    /// <exception cref="ImageFormatException">An image could not be decoded.</exception>
    /// <exception cref="ArgumentException">Another number of dimensions was asked for.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Dimensions is int dimensions && dimensions != Dimensions)
        {
            throw new ArgumentException($"{dimensions} dimensions were asked for; the model '{_metadata.DefaultModelId}' gives {Dimensions}.", nameof(options));
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

    /// <summary>Frees the network's buffers; does nothing on <see cref="Default"/>, which all share.</summary>
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

    /// <summary>The model with the options' preprocessing where it has none of its own: so it is saved with it too.</summary>
    private static Model Prepared(Model model, Preprocessing? preprocessing)
    {
        if (!model.Metadata.ContainsKey(Preprocessing.MetadataKey))
        {
            return preprocessing is not null ? new Model(model.Network, model.Weights, model.EmbeddingLayer, model.Metadata.Concat(preprocessing.ToMetadata()).ToImmutableDictionary())
                : throw new ArgumentException(
                    $"The model '{model.Network.Name}' carries no preprocessing; expected it in its metadata under '{Preprocessing.MetadataKey}', or in {nameof(ImageEmbedderOptions)}.{nameof(ImageEmbedderOptions.Preprocessing)} (for networks that learned from ImageNet, {nameof(Preprocessing)}.{nameof(Preprocessing.ImageNet)}).",
                    nameof(model));
        }

        return preprocessing is null || preprocessing == Preprocessing.FromMetadata(model.Metadata) ? model
            : throw new ArgumentException($"The model '{model.Network.Name}' carries a preprocessing of its own, other than {nameof(ImageEmbedderOptions)}.{nameof(ImageEmbedderOptions.Preprocessing)}.", nameof(preprocessing));
    }

    private static void RequireInput(Preprocessing preprocessing, Shape input, string name, string argument)
    {
        if (preprocessing.InputShape != input)
        {
            throw new ArgumentException($"The preprocessing makes {preprocessing.InputShape}; the network '{name}' takes {input}.", argument);
        }
    }

    private static void RequireBatch(ImageEmbedderOptions options, IInferenceSession session)
    {
        int largest = Math.Max(session.InputShape.Length, session.OutputShapes[0].Length);
        if ((long)options.BatchSize * largest > Array.MaxLength)
        {
            throw new ArgumentException($"BatchSize is {options.BatchSize}; {Array.MaxLength / largest} images of {session.InputShape} at most fit one batch.", nameof(options));
        }
    }

    private async IAsyncEnumerable<ImageEmbedding> EmbedBatchesAsync(IEnumerable<ImageSource> sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (ImageSource[] batch in sources.Chunk(_options.BatchSize))
        {
            foreach (ImageEmbedding embedding in await Task.Run(() => EmbedBatch(batch, cancellationToken), cancellationToken).ConfigureAwait(false))
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
            Prepare(batch, inputs, errors, cancellationToken);

            // The readable images move together so that the network runs on them alone.
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
            return [.. batch.Select((source, i) => errors[i] is { } error ? new ImageEmbedding(source, error) : new ImageEmbedding(source, vectors[next++]))];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(inputs);
        }
    }

    private void Prepare(ImageSource[] batch, float[] inputs, Exception?[] errors, CancellationToken cancellationToken)
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
                    Preprocessing.Apply(batch[i].Load(_options.Decoder, _options.DecoderOptions), inputs.AsSpan(i * length, length));
                }
                catch (Exception exception) when (exception is ImageFormatException or IOException)
                {
                    errors[i] = exception;
                }
            });
        }
        catch (AggregateException exception)
        {
            // What a decoder of the host's threw, as it threw it.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    /// <summary>Runs the network a few images at a time, so that a cancellation need not wait for the whole batch.</summary>
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
