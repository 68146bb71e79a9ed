using Microsoft.Extensions.AI;
using SimNet.Models;

namespace SimNet.Embeddings.Tests;

public sealed class ImageEmbedderTests
{
    private static readonly Model Autoencoder = new(
        DenoisingAutoencoder.Create(16),
        WeightInitialization.Create(DenoisingAutoencoder.Create(16), seed: 5),
        DenoisingAutoencoder.EmbeddingLayer,
        new Preprocessing { Width = 16, Height = 16 }.ToMetadata());

    private static Image CreateImage(int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[20 * 30 * 3];
        random.NextBytes(pixels);
        return new Image(20, 30, 3, pixels);
    }

    private static ImageSource Source(int seed) => ImageSource.FromImage($"image {seed}", CreateImage(seed));

    private static async Task<List<ImageEmbedding>> EmbedAsync(ImageEmbedder embedder, IEnumerable<ImageSource> sources)
    {
        var embeddings = new List<ImageEmbedding>();
        await foreach (ImageEmbedding embedding in embedder.EmbedManyAsync(sources))
        {
            embeddings.Add(embedding);
        }

        return embeddings;
    }

    [Fact]
    public async Task A_vector_depends_on_neither_batch_nor_threads_nor_company()
    {
        using var alone = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { BatchSize = 1, MaxThreads = 1 });
        using var together = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { BatchSize = 7 });

        List<ImageEmbedding> one = await EmbedAsync(alone, Enumerable.Range(0, 20).Select(Source));
        List<ImageEmbedding> many = await EmbedAsync(together, Enumerable.Range(0, 20).Select(Source));

        Assert.Equal(32 * 2 * 2, alone.Dimensions);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal($"image {i}", many[i].Source.Name);
            Assert.Equal(one[i].Vector.ToArray(), many[i].Vector.ToArray());
            Assert.Equal(one[i].Vector.ToArray(), await alone.EmbedAsync(Source(i)));
        }
    }

    [Fact]
    public async Task The_vector_is_the_embedding_layers_output_of_the_prepared_image()
    {
        using var embedder = new ImageEmbedder(Autoencoder);
        var input = new float[16 * 16];
        embedder.Preprocessing.Apply(CreateImage(1), input);
        var expected = new float[embedder.Dimensions];
        using IInferenceSession session = new ManagedBackend().CreateInferenceSession(Autoencoder.Network, Autoencoder.Weights, ["encoder.pool3"]);
        session.Run(input, 1, [expected]);

        Assert.Equal(expected, await embedder.EmbedAsync(Source(1)));
        Assert.Contains(expected, value => value != 0);
    }

    [Fact]
    public async Task A_bad_image_costs_itself_alone()
    {
        using var embedder = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { BatchSize = 4 });
        ImageSource bad = ImageSource.FromBytes("bad.png", new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0 });
        ImageSource missing = ImageSource.FromFile("nowhere/missing.jpg");

        List<ImageEmbedding> embeddings = await EmbedAsync(embedder, [Source(0), bad, Source(1), missing, Source(2)]);

        Assert.Equal([true, false, true, false, true], embeddings.Select(e => e.Succeeded));
        Assert.Equal("bad.png", Assert.IsType<ImageFormatException>(embeddings[1].Error).File);
        Assert.IsAssignableFrom<IOException>(embeddings[3].Error);
        Assert.Equal(await embedder.EmbedAsync(Source(2)), embeddings[4].Vector.ToArray());
        await Assert.ThrowsAsync<ImageFormatException>(() => embedder.EmbedAsync(bad));
    }

    [Fact]
    public async Task Sources_are_read_as_they_are_needed_not_all_at_once()
    {
        using var embedder = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { BatchSize = 4 });
        int taken = 0;
        IEnumerable<ImageSource> Endless()
        {
            while (true)
            {
                taken++;
                yield return Source(taken);
            }
        }

        await using IAsyncEnumerator<ImageEmbedding> stream = embedder.EmbedManyAsync(Endless()).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());

        Assert.InRange(taken, 4, 8);
    }

    [Fact]
    public async Task It_is_an_embedding_generator_for_encoded_images()
    {
        using var embedder = new ImageEmbedder(Autoencoder);
        var generator = Assert.IsAssignableFrom<IEmbeddingGenerator<DataContent, Embedding<float>>>(embedder);
        var content = new DataContent(PngEncoder.Encode(CreateImage(3)), "image/png");

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync([content]);

        Assert.Equal(await embedder.EmbedAsync(Source(3)), Assert.Single(embeddings).Vector.ToArray());
        Assert.Equal(embedder.Dimensions, ((EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelDimensions);
        Assert.Same(embedder, generator.GetService(typeof(ImageEmbedder)));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync([content], new EmbeddingGenerationOptions { Dimensions = 5 }));
    }

    [Fact]
    public void A_model_without_preprocessing_or_with_anothers_is_refused()
    {
        var without = new Model(Autoencoder.Network, Autoencoder.Weights, Autoencoder.EmbeddingLayer);
        var anothers = new Model(Autoencoder.Network, Autoencoder.Weights, Autoencoder.EmbeddingLayer, new Preprocessing { Width = 32, Height = 16 }.ToMetadata());

        Assert.Contains("preprocessing", Assert.Throws<ArgumentException>(() => new ImageEmbedder(without)).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("16x32x1", Assert.Throws<ArgumentException>(() => new ImageEmbedder(anothers)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_preprocessing_takes_the_options_and_keeps_it()
    {
        Preprocessing preprocessing = Preprocessing.FromMetadata(Autoencoder.Metadata);
        var bare = new Model(Autoencoder.Network, Autoencoder.Weights, Autoencoder.EmbeddingLayer, new Dictionary<string, string> { ["author"] = "x" });
        using var own = new ImageEmbedder(Autoencoder);
        using var given = new ImageEmbedder(bare, new ImageEmbedderOptions { Preprocessing = preprocessing });

        Assert.Equal(await own.EmbedAsync(Source(1)), await given.EmbedAsync(Source(1)));
        Assert.Equal(preprocessing, Preprocessing.FromMetadata(given.Model.Metadata));
        Assert.Equal("x", given.Model.Metadata["author"]);
        Assert.Contains("ImageEmbedderOptions.Preprocessing", Assert.Throws<ArgumentException>(() => new ImageEmbedder(bare)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_s_own_preprocessing_is_not_overruled()
    {
        Preprocessing own = Preprocessing.FromMetadata(Autoencoder.Metadata);
        using var same = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { Preprocessing = own });
        var other = new ImageEmbedderOptions { Preprocessing = own with { Filter = ResizeFilter.Adaptive } };

        Assert.NotEqual(own, other.Preprocessing);
        Assert.Contains("of its own", Assert.Throws<ArgumentException>(() => new ImageEmbedder(Autoencoder, other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_serves_without_a_model()
    {
        var preprocessing = new Preprocessing { Width = 16, Height = 16 };
        IInferenceSession Session(params string[] outputs) => new ManagedBackend().CreateInferenceSession(Autoencoder.Network, Autoencoder.Weights, outputs);
        using var model = new ImageEmbedder(Autoencoder);
        using var embedder = new ImageEmbedder(Session(Autoencoder.EmbeddingLayer), preprocessing, "theirs");

        Assert.Equal(await model.EmbedAsync(Source(2)), await embedder.EmbedAsync(Source(2)));
        Assert.Equal(model.Dimensions, embedder.Dimensions);
        Assert.Contains("'theirs'", Assert.Throws<InvalidOperationException>(() => embedder.Model).Message, StringComparison.Ordinal);
        Assert.Contains("2 outputs", Assert.Throws<ArgumentException>(() => new ImageEmbedder(Session("encoder.pool3", "encoder.pool2"), preprocessing, "x")).Message, StringComparison.Ordinal);
        Assert.Contains("16x16x1", Assert.Throws<ArgumentException>(() => new ImageEmbedder(Session("encoder.pool3"), Preprocessing.ImageNet, "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_ends_the_stream_with_no_partial_batch()
    {
        using var embedder = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { BatchSize = 4 });
        using var source = new CancellationTokenSource();
        int received = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ImageEmbedding _ in embedder.EmbedManyAsync(Enumerable.Range(0, 1000).Select(Source), source.Token))
            {
                if (++received == 4)
                {
                    await source.CancelAsync();
                }
            }
        });

        Assert.Equal(4, received);
    }

    [Fact]
    public void A_stream_over_the_limit_is_refused_before_it_is_read_whole()
    {
        var options = new ImageDecoderOptions { MaxBytes = 100_000 };
        var endless = new EndlessStream();

        ImageFormatException exception = Assert.Throws<ImageFormatException>(() => ImageSource.FromStream("endless", () => endless).Load(options: options));

        Assert.Equal("endless", exception.File);
        Assert.InRange(endless.BytesRead, 100_000, 400_000);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(62)]
    public async Task Cancellation_is_heeded_inside_a_batch_and_in_the_last_one(int after)
    {
        using var embedder = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { BatchSize = 32 });
        using var source = new CancellationTokenSource();
        int received = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ImageEmbedding _ in embedder.EmbedManyAsync(Enumerable.Range(0, 64).Select(Source), source.Token))
            {
                if (++received == after)
                {
                    await source.CancelAsync();
                }
            }
        });

        Assert.Equal(after, received);
    }

    [Fact]
    public async Task Whatever_a_stream_fails_with_costs_its_image_alone()
    {
        using var embedder = new ImageEmbedder(Autoencoder);
        ImageSource lost = ImageSource.FromStream("far away", () => throw new TimeoutException("no answer"));

        List<ImageEmbedding> embeddings = await EmbedAsync(embedder, [Source(0), lost, Source(1)]);

        Assert.Equal([true, false, true], embeddings.Select(e => e.Succeeded));
        Assert.IsType<IOException>(embeddings[1].Error);
        Assert.Contains("far away", embeddings[1].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("no answer", embeddings[1].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decoder_that_breaks_its_promise_ends_the_run_with_its_own_exception()
    {
        using var embedder = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { Decoder = new BrokenDecoder() });

        await Assert.ThrowsAsync<NotSupportedException>(() => EmbedAsync(embedder, [ImageSource.FromBytes("a", new byte[] { 1 })]));
    }

    [Fact]
    public void A_batch_that_no_array_could_hold_is_refused_by_name()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { BatchSize = 1 << 28 }));

        Assert.Contains("BatchSize is 268435456", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_without_a_name_are_embedded_as_well()
    {
        using var embedder = new ImageEmbedder(Autoencoder);

        GeneratedEmbeddings<Embedding<float>> embeddings = await embedder.GenerateAsync([new DataContent(PngEncoder.Encode(CreateImage(3)), "image/png") { Name = "" }]);

        Assert.Single(embeddings);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Limits_below_one_are_refused_where_they_are_set(long limit)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecoderOptions { MaxBytes = limit });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecoderOptions { MaxPixels = limit });
    }

    private sealed class BrokenDecoder : IImageDecoder
    {
        public Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options) => throw new NotSupportedException("not today");
    }

    private sealed class EndlessStream : Stream
    {
        public long BytesRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            BytesRead += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
