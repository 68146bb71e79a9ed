using Microsoft.Extensions.AI;
using SimNet.Compute;
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
    public async Task A_vector_does_not_depend_on_batch_or_threads()
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
    public async Task The_vector_is_the_output_of_the_embedding_layer()
    {
        using var embedder = new ImageEmbedder(Autoencoder);
        var input = new float[16 * 16];
        embedder.Preprocessing.Apply(CreateImage(1), input);
        var expected = new float[embedder.Dimensions];
        using IInferenceSession session =
            new ManagedBackend().CreateInferenceSession(Autoencoder.Network, Autoencoder.Weights, ["encoder.pool3"]);
        session.Run(input, 1, [expected]);

        Assert.Equal(expected, await embedder.EmbedAsync(Source(1)));
        Assert.Contains(expected, value => value != 0);
    }

    [Fact]
    public async Task An_unreadable_image_does_not_affect_the_others()
    {
        using var embedder = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { BatchSize = 4 });
        ImageSource bad = ImageSource.FromBytes("bad.png", new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0 });
        ImageSource missing = ImageSource.FromFile("nowhere/missing.jpg");

        List<ImageEmbedding> embeddings = await EmbedAsync(embedder, [Source(0), bad, Source(1), missing, Source(2)]);

        Assert.Equal([true, false, true, false, true], embeddings.Select(e => e.Succeeded));
        Assert.Equal("bad.png", Assert.IsType<ImageFormatException>(embeddings[1].Error).File);
        Assert.IsAssignableFrom<IOException>(embeddings[3].Error);
        Assert.Equal(await embedder.EmbedAsync(Source(2)), embeddings[4].Vector.ToArray());
        await Assert.ThrowsAsync<ImageFormatException>(() => embedder.EmbedAsync(bad));
    }

    [Fact]
    public async Task Sources_are_enumerated_one_batch_at_a_time()
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
    public async Task The_embedder_is_an_embedding_generator()
    {
        using var embedder = new ImageEmbedder(Autoencoder);
        var generator = Assert.IsAssignableFrom<IEmbeddingGenerator<DataContent, Embedding<float>>>(embedder);
        var content = new DataContent(PngEncoder.Encode(CreateImage(3)), "image/png");

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync([content]);

        Assert.Equal(await embedder.EmbedAsync(Source(3)), Assert.Single(embeddings).Vector.ToArray());
        var metadata = Assert.IsType<EmbeddingGeneratorMetadata>(generator.GetService(typeof(EmbeddingGeneratorMetadata)));
        Assert.Equal(embedder.Dimensions, metadata.DefaultModelDimensions);
        Assert.Same(embedder, generator.GetService(typeof(ImageEmbedder)));
        var options = new EmbeddingGenerationOptions { Dimensions = 5 };
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync([content], options));
    }

    [Fact]
    public void A_model_without_matching_preprocessing_throws()
    {
        var without = new Model(Autoencoder.Network, Autoencoder.Weights, Autoencoder.EmbeddingLayer);
        var metadata = new Preprocessing { Width = 32, Height = 16 }.ToMetadata();
        var mismatched = new Model(Autoencoder.Network, Autoencoder.Weights, Autoencoder.EmbeddingLayer, metadata);

        AssertMessage("no preprocessing", () => new ImageEmbedder(without));
        AssertMessage("16x32x1", () => new ImageEmbedder(mismatched));
    }

    [Fact]
    public async Task A_model_without_preprocessing_adopts_that_of_the_options()
    {
        Preprocessing preprocessing = Preprocessing.FromMetadata(Autoencoder.Metadata);
        var metadata = new Dictionary<string, string> { ["author"] = "x" };
        var bare = new Model(Autoencoder.Network, Autoencoder.Weights, Autoencoder.EmbeddingLayer, metadata);
        using var own = new ImageEmbedder(Autoencoder);
        using var given = new ImageEmbedder(bare, new ImageEmbedderOptions { Preprocessing = preprocessing });

        Assert.Equal(await own.EmbedAsync(Source(1)), await given.EmbedAsync(Source(1)));
        Assert.Equal(preprocessing, Preprocessing.FromMetadata(given.Model.Metadata));
        Assert.Equal("x", given.Model.Metadata["author"]);
        AssertMessage("ImageEmbedderOptions.Preprocessing", () => new ImageEmbedder(bare));
    }

    [Fact]
    public void Options_cannot_override_the_preprocessing_of_the_model()
    {
        Preprocessing own = Preprocessing.FromMetadata(Autoencoder.Metadata);
        using var same = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { Preprocessing = own });
        var other = new ImageEmbedderOptions { Preprocessing = own with { Filter = ResizeFilter.Adaptive } };

        Assert.NotEqual(own, other.Preprocessing);
        AssertMessage("of its own", () => new ImageEmbedder(Autoencoder, other));
    }

    [Fact]
    public async Task An_embedder_works_with_a_session()
    {
        var preprocessing = new Preprocessing { Width = 16, Height = 16 };
        IInferenceSession Session(params string[] outputs) =>
            new ManagedBackend().CreateInferenceSession(Autoencoder.Network, Autoencoder.Weights, outputs);
        using var model = new ImageEmbedder(Autoencoder);
        using var embedder = new ImageEmbedder(Session(Autoencoder.EmbeddingLayer), preprocessing, "theirs");

        Assert.Equal(await model.EmbedAsync(Source(2)), await embedder.EmbedAsync(Source(2)));
        Assert.Equal(model.Dimensions, embedder.Dimensions);
        Assert.Contains("'theirs'", Assert.Throws<InvalidOperationException>(() => embedder.Model).Message, StringComparison.Ordinal);
        AssertMessage("2 outputs", () => new ImageEmbedder(Session("encoder.pool3", "encoder.pool2"), preprocessing, "x"));
        AssertMessage("16x16x1", () => new ImageEmbedder(Session("encoder.pool3"), Preprocessing.ImageNet, "x"));
    }

    [Fact]
    public async Task Cancellation_stops_between_batches()
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
    public void A_stream_over_the_limit_is_not_read_to_the_end()
    {
        var options = new ImageDecoderOptions { MaxBytes = 100_000 };
        var endless = new EndlessStream();

        ImageSource source = ImageSource.FromStream("endless", () => endless);
        ImageFormatException exception = Assert.Throws<ImageFormatException>(() => source.Load(options: options));

        Assert.Equal("endless", exception.File);
        Assert.InRange(endless.BytesRead, 100_000, 400_000);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(62)]
    public async Task Cancellation_stops_within_a_batch(int after)
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
    public async Task Any_exception_of_a_stream_becomes_an_io_exception()
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
    public async Task An_unexpected_exception_of_a_decoder_is_the_error_of_one_image()
    {
        using var embedder = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { Decoder = new BrokenDecoder() });

        List<ImageEmbedding> embeddings = await EmbedAsync(embedder, [ImageSource.FromBytes("a", new byte[] { 1 }), Source(0)]);

        ImageFormatException error = Assert.IsType<ImageFormatException>(embeddings[0].Error);
        Assert.Equal("an error of the decoder", error.Cause);
        Assert.Contains("a: at byte 0: The decoder BrokenDecoder failed", error.Message, StringComparison.Ordinal);
        Assert.Contains("not today", error.Message, StringComparison.Ordinal);
        Assert.True(embeddings[1].Succeeded);
    }

    [Fact]
    public async Task Memory_that_does_not_suffice_for_an_image_is_the_error_of_that_image()
    {
        using var embedder = new ImageEmbedder(Autoencoder, new ImageEmbedderOptions { Decoder = new HungryDecoder() });

        List<ImageEmbedding> embeddings = await EmbedAsync(embedder, [ImageSource.FromBytes("a", new byte[] { 1 }), Source(0)]);

        Assert.Equal("too large", Assert.IsType<ImageFormatException>(embeddings[0].Error).Cause);
        Assert.True(embeddings[1].Succeeded);
    }

    [Fact]
    public async Task An_embedding_has_the_blemishes_of_its_image()
    {
        using var embedder = new ImageEmbedder(Autoencoder);
        Image blemished = new(1, 1, 1, [7]) { Blemishes = ["The end is missing."] };

        List<ImageEmbedding> embeddings = await EmbedAsync(embedder, [Source(0), ImageSource.FromImage("b", blemished)]);

        Assert.Empty(embeddings[0].Blemishes);
        Assert.Equal(["The end is missing."], embeddings[1].Blemishes);
    }

    [Fact]
    public void A_batch_size_beyond_array_limits_throws()
    {
        var options = new ImageEmbedderOptions { BatchSize = 1 << 28 };
        AssertMessage("BatchSize is 268435456", () => new ImageEmbedder(Autoencoder, options));
    }

    [Fact]
    public async Task Unnamed_images_are_embedded()
    {
        using var embedder = new ImageEmbedder(Autoencoder);

        var content = new DataContent(PngEncoder.Encode(CreateImage(3)), "image/png") { Name = "" };
        GeneratedEmbeddings<Embedding<float>> embeddings = await embedder.GenerateAsync([content]);

        Assert.Single(embeddings);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Limits_below_one_throw(long limit)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecoderOptions { MaxBytes = limit });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecoderOptions { MaxPixels = limit });
    }

    private static void AssertMessage(string expected, Func<ImageEmbedder> create) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(create).Message, StringComparison.Ordinal);

    private sealed class BrokenDecoder : IImageDecoder
    {
        public Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options) => throw new NotSupportedException("not today");
    }

    private sealed class HungryDecoder : IImageDecoder
    {
        public Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options) => throw new InsufficientMemoryException();
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
