using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// Turns pictures into vectors with a model and the preprocessing that travels in it. Thread-safe: one embedder serves all threads.
/// </summary>
/// <remarks>
/// A picture's vector does not depend on the pictures it is embedded with, nor on the number of threads.
/// It is an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of Microsoft.Extensions.AI as well.
/// </remarks>
public sealed class ImageEmbedder : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    private readonly ImageEmbedderOptions _options;
    private readonly IInferenceSession _session;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>An embedder for a model.</summary>
    /// <param name="model">The model; its metadata must hold a <see cref="Embeddings.Preprocessing"/> that fits its input.</param>
    /// <param name="options">How to read pictures and run the network; the defaults when null.</param>
    /// <exception cref="ArgumentException">The model carries no preprocessing, or one that does not make its network's input.</exception>
    public ImageEmbedder(Model model, ImageEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _options = options ?? new ImageEmbedderOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.BatchSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.MaxThreads, nameof(options));

        Model = model;
        Preprocessing = Preprocessing.FromMetadata(model.Metadata);
        if (Preprocessing.InputShape != model.Network.InputShape)
        {
            throw new ArgumentException($"The model's preprocessing makes {Preprocessing.InputShape}; its network '{model.Network.Name}' takes {model.Network.InputShape}.", nameof(model));
        }

        _session = (_options.Backend ?? new ManagedBackend()).CreateInferenceSession(model.Network, model.Weights, [model.EmbeddingLayer]);
        Dimensions = _session.OutputShapes[0].Length;
        _metadata = new EmbeddingGeneratorMetadata("simnet", defaultModelId: model.Network.Name, defaultModelDimensions: Dimensions);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>How a picture becomes the network's input; read from the model.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>Number of values in an embedding.</summary>
    public int Dimensions { get; }

    /// <summary>Loads a model file and makes an embedder for it.</summary>
    /// <param name="modelPath">The model file.</param>
    /// <param name="options">How to read pictures and run the network; the defaults when null.</param>
    /// <exception cref="ModelFormatException">The file is no model, or is damaged.</exception>
    /// <exception cref="ArgumentException">The model carries no preprocessing, or one that does not make its network's input.</exception>
    public static ImageEmbedder Load(string modelPath, ImageEmbedderOptions? options = null) => new(Model.Load(modelPath), options);

    /// <summary>The vector of one picture.</summary>
    /// <param name="source">The picture; a path converts to it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ImageFormatException">The picture could not be decoded.</exception>
    /// <exception cref="IOException">The picture could not be read.</exception>
    public Task<float[]> EmbedAsync(ImageSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Task.Run(() => Embed(source.Load(_options.Decoder, _options.DecoderOptions)), cancellationToken);
    }

    /// <summary>The vector of one decoded picture.</summary>
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
    /// The vectors of many pictures, in their order, as they are ready. A picture that cannot be read gives a result with
    /// <see cref="ImageEmbedding.Error"/>; the others go on.
    /// </summary>
    /// <param name="sources">The pictures; read a batch at a time, so that a sequence may be longer than memory.</param>
    /// <param name="cancellationToken">Cancels between pictures.</param>
    public async IAsyncEnumerable<ImageEmbedding> EmbedManyAsync(
        IEnumerable<ImageSource> sources, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        foreach (ImageSource[] batch in sources.Chunk(_options.BatchSize))
        {
            foreach (ImageEmbedding embedding in await Task.Run(() => EmbedBatch(batch, cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                yield return embedding;
            }
        }
    }

    /// <summary>The vectors of pictures given as data with a media type, for Microsoft.Extensions.AI.</summary>
    /// <param name="values">Encoded pictures (JPEG or PNG).</param>
    /// <param name="options">Not used: a model has one size of embedding. A <see cref="EmbeddingGenerationOptions.Dimensions"/> other than this model's is refused.</param>
    /// <param name="cancellationToken">Cancels between pictures.</param>
    /// <exception cref="ImageFormatException">A picture could not be decoded.</exception>
    /// <exception cref="ArgumentException">Another number of dimensions was asked for.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Dimensions is int dimensions && dimensions != Dimensions)
        {
            throw new ArgumentException($"{dimensions} dimensions were asked for; the model '{Model.Network.Name}' gives {Dimensions}.", nameof(options));
        }

        IEnumerable<ImageSource> sources = values.Select((value, i) => ImageSource.FromBytes(value.Name ?? $"picture {i}", value.Data));
        var embeddings = new GeneratedEmbeddings<Embedding<float>>();
        DateTimeOffset createdAt = DateTimeOffset.UtcNow;
        await foreach (ImageEmbedding embedding in EmbedManyAsync(sources, cancellationToken).ConfigureAwait(false))
        {
            if (!embedding.Succeeded)
            {
                throw embedding.Error;
            }

            embeddings.Add(new Embedding<float>(embedding.Vector) { ModelId = Model.Network.Name, CreatedAt = createdAt });
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

    /// <summary>Frees the network's buffers.</summary>
    public void Dispose() => _session.Dispose();

    private ImageEmbedding[] EmbedBatch(ImageSource[] batch, CancellationToken cancellationToken)
    {
        int length = _session.InputShape.Length;
        float[] inputs = ArrayPool<float>.Shared.Rent(batch.Length * length);
        try
        {
            var errors = new Exception?[batch.Length];
            Parallel.For(0, batch.Length, new ParallelOptions
            {
                CancellationToken = cancellationToken,
                MaxDegreeOfParallelism = _options.MaxThreads == 0 ? Environment.ProcessorCount : _options.MaxThreads,
            }, i =>
            {
                try
                {
                    Preprocessing.Apply(batch[i].Load(_options.Decoder, _options.DecoderOptions), inputs.AsSpan(i * length, length));
                }
                catch (Exception exception) when (exception is ImageFormatException or IOException or UnauthorizedAccessException)
                {
                    errors[i] = exception;
                }
            });

            // The readable pictures move together so that the network runs on them alone.
            int readable = 0;
            for (int i = 0; i < batch.Length; i++)
            {
                if (errors[i] is null)
                {
                    inputs.AsSpan(i * length, length).CopyTo(inputs.AsSpan(readable++ * length));
                }
            }

            var vectors = new float[readable * Dimensions];
            if (readable > 0)
            {
                _session.Run(inputs.AsMemory(0, readable * length), readable, [vectors]);
            }

            cancellationToken.ThrowIfCancellationRequested();
            var embeddings = new ImageEmbedding[batch.Length];
            int next = 0;
            for (int i = 0; i < batch.Length; i++)
            {
                embeddings[i] = errors[i] is { } error
                    ? new ImageEmbedding(batch[i], error)
                    : new ImageEmbedding(batch[i], vectors.AsMemory(next++ * Dimensions, Dimensions));
            }

            return embeddings;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(inputs);
        }
    }
}
