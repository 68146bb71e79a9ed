using SimNet.Models;

namespace SimNet.Embeddings.Tests;

public class LabeledImageDataTests
{
    private static readonly Preprocessing Small = new()
    {
        Width = 12,
        Height = 10,
        Color = ColorMode.Rgb,
        Filter = ResizeFilter.Adaptive,
        Mean = [0.5f, 0.4f, 0.3f],
        StandardDeviation = [0.2f, 0.3f, 0.4f],
    };

    private static readonly LabeledImageDataOptions Everything = new()
    {
        Augmentation = new Augmentation
        {
            HorizontalFlip = 0.5,
            MaxRotationDegrees = 10,
            MinCropScale = 0.8,
            Brightness = 0.2,
            Erasing = 0.3,
        },
        Mixup = 0.3,
        CutMix = 1,
        MixProbability = 0.8,
    };

    [Fact]
    public void A_sample_does_not_depend_on_its_batch_or_threads()
    {
        LabeledImageData data = Create(20, Everything), single = Create(20, Everything with { MaxThreads = 1 });
        int length = data.InputShape.Length;
        int[] batch = [7, 3, 19, 3, 0, 11];
        (float[] inputs, float[] targets) = Read(data, batch, seed: 9, epoch: 4);
        for (int i = 0; i < batch.Length; i++)
        {
            (float[] input, float[] target) = Read(single, [batch[i]], 9, 4);
            Assert.Equal(input, inputs[(i * length)..((i + 1) * length)]);
            Assert.Equal(target, targets[(i * 4)..((i + 1) * 4)]);
        }
    }

    [Fact]
    public void By_default_a_sample_is_the_prepared_image_and_its_class()
    {
        LabeledImageData data = Create(6, null);
        Assert.Equal((6, new Shape(3, 10, 12), new Shape(4, 1, 1)), (data.Count, data.InputShape, data.TargetShape));
        float[] expected = new float[360];
        Small.Apply(CreateImage(5), expected);

        (float[] input, float[] target) = Read(data, [5], 1, 2);

        Assert.Equal(expected, input);
        Assert.Equal([0, 1, 0, 0], target);
    }

    [Fact]
    public void An_unreadable_image_is_an_error_or_another_image_takes_its_place()
    {
        ImageSource bad = ImageSource.FromBytes("bad", new byte[] { 1 }), worse = ImageSource.FromBytes("worse", new byte[] { 2 });
        LabeledSample[] samples = [new([bad, Source(0)], 0), new([worse], 1), new([Source(2)], 2)];
        LabeledImageData strict = new(samples, 4, Small), data = new(samples, 4, Small, new() { SkipUnreadable = true });
        LabeledImageData replaced = new([new([Source(0)], 0), new([Source(2)], 2), new([Source(2)], 2)], 4, Small);

        Assert.Throws<ImageFormatException>(() => Read(strict, [1], 0, 0));
        for (int epoch = 0; epoch < 5; epoch++)
        {
            (float[] inputs, float[] targets) = Read(data, [0, 1, 2], 3, epoch);
            (float[] expectedInputs, float[] expectedTargets) = Read(replaced, [0, 1, 2], 3, epoch);
            Assert.Equal(expectedInputs, inputs);
            Assert.Equal(expectedTargets, targets);
        }

        Assert.Equal(["bad", "worse"], data.Unreadable.Keys.Select(image => image.Name).Order());
        Assert.Empty(strict.Unreadable);
        Assert.Throws<ImageFormatException>(
            () => Read(new LabeledImageData([new([bad], 0)], 2, Small, new() { SkipUnreadable = true }), [0], 0, 0));
    }

    [Fact]
    public void Epochs_use_each_image_of_a_sample()
    {
        var data = new LabeledImageData([new LabeledSample([Source(0), Source(1), Source(2)], 0)], 2, Small);
        HashSet<string> seen = [.. Enumerable.Range(0, 40).Select(epoch => string.Join(' ', Read(data, [0], 1, epoch).Inputs))];
        HashSet<string> expected = [.. Enumerable.Range(0, 3).Select(i => string.Join(' ', Read(Create(3, null), [i], 0, 0).Inputs))];

        Assert.Equal(expected, seen);
    }

    [Fact]
    public void Augmentation_and_mixing_depend_on_seed_epoch_and_sample()
    {
        LabeledImageData data = Create(2, Everything with { MixProbability = 1 });
        HashSet<string> seen = [];
        foreach ((int sample, int seed, int epoch) in new[] { (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, -1, 0) })
        {
            Assert.True(seen.Add(string.Join(' ', Read(data, [sample], seed, epoch).Inputs)));
        }
    }

    [Fact]
    public void Mixup_blends_inputs_and_targets_by_the_same_weight()
    {
        // With two uniform images, the blend shows the weight.
        var plain = new Preprocessing { Width = 4, Height = 4, Color = ColorMode.Rgb };
        LabeledSample[] samples = [new([Constant(0)], 0), new([Constant(255)], 1)];
        var data = new LabeledImageData(samples, 2, plain, new LabeledImageDataOptions { Mixup = 0.4 });
        int mixed = 0;
        for (int epoch = 0; epoch < 200; epoch++)
        {
            (float[] input, float[] target) = Read(data, [0], 3, epoch);
            Assert.All(input, value => Assert.Equal(target[1], value, 1e-5f));
            Assert.Equal(1, target[0] + target[1], 1e-5f);
            mixed += target[1] > 0.01 && target[1] < 0.99 ? 1 : 0;
        }

        // Half of the samples are mixed with themselves.
        Assert.InRange(mixed, 30, 90);
    }

    [Fact]
    public void CutMix_pastes_one_rectangle_and_mixes_targets_by_its_area()
    {
        var plain = new Preprocessing { Width = 8, Height = 6, Color = ColorMode.Rgb };
        LabeledSample[] samples = [new([Constant(0)], 0), new([Constant(255)], 1)];
        var data = new LabeledImageData(samples, 2, plain, new LabeledImageDataOptions { CutMix = 1 });
        for (int epoch = 0; epoch < 200; epoch++)
        {
            (float[] input, float[] target) = Read(data, [0], 3, epoch);
            int[] shown = [.. Enumerable.Range(0, 48).Where(i => input[i] == 1)];
            Assert.Equal(shown.Length / 48f, target[1], 1e-5f);
            Assert.Equal(input[..48], input[96..]);
            if (shown.Length > 0)
            {
                int width = shown.Max(i => i % 8) - shown.Min(i => i % 8) + 1, height = shown.Max(i => i / 8) - shown.Min(i => i / 8) + 1;
                Assert.Equal(shown.Length, width * height);
            }
        }
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(4)]
    public void Beta_samples_have_the_moments_of_the_distribution(double alpha)
    {
        // Mean 1/2 and variance 1 / (4 (2 alpha + 1)).
        var random = new SeededRandom(5);
        double[] drawn = [.. Enumerable.Range(0, 40_000).Select(_ => BetaDistribution.Sample(ref random, alpha))];
        Assert.All(drawn, value => Assert.InRange(value, 0, 1));
        Assert.Equal(0.5, drawn.Average(), tolerance: 0.01);
        Assert.Equal(1 / (4 * ((2 * alpha) + 1)), drawn.Average(value => (value - 0.5) * (value - 0.5)), tolerance: 0.004);
    }

    [Fact]
    public void The_fingerprint_depends_on_images_classes_and_options()
    {
        string first = Create(4, null).Fingerprint;
        Assert.Equal(first, Create(4, null).Fingerprint);
        Assert.Equal(first, Create(4, new LabeledImageDataOptions { MaxThreads = 1 }).Fingerprint);
        LabeledSample[] otherClasses = [.. Samples(4).Select(sample => sample with { Class = 3 - sample.Class })];
        LabeledSample[] moreImages = [.. Samples(4).Select(sample => sample with { Images = [.. sample.Images, .. sample.Images] })];
        string[] others =
        [
            Create(3, null).Fingerprint,
            Create(4, Everything).Fingerprint,
            Create(4, new LabeledImageDataOptions { Mixup = 0.1 }).Fingerprint,
            new LabeledImageData(Samples(4).Reverse(), 4, Small).Fingerprint,
            new LabeledImageData(Samples(4), 5, Small).Fingerprint,
            new LabeledImageData(Samples(4), 4, Small with { Filter = ResizeFilter.Area }).Fingerprint,
            new LabeledImageData(otherClasses, 4, Small).Fingerprint,
            new LabeledImageData(moreImages, 4, Small).Fingerprint,
        ];
        Assert.Equal(others.Length + 1, others.Append(first).Distinct().Count());
    }

    [Fact]
    public void The_fingerprint_does_not_depend_on_the_culture()
    {
        string expected = Create(4, Everything).Fingerprint;
        using var comma = new CommaCulture();
        Assert.Equal(expected, Create(4, Everything).Fingerprint);
    }

    [Fact]
    public void File_buffered_and_streamed_images_have_the_same_fingerprint()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.png");
        try
        {
            File.WriteAllBytes(file, PngEncoder.Encode(CreateImage(3)));
            ImageSource onDisk = file, buffered = onDisk.Buffered(), streamed = ImageSource.FromStream("s", () => File.OpenRead(file));
            Assert.Same(buffered, buffered.Buffered());
            Assert.Equal(onDisk.Name, buffered.Name);
            Assert.Single(new[] { onDisk, buffered, streamed }.Select(Fingerprint).Distinct());
            var limit = new ImageDecoderOptions { MaxBytes = 10 };
            ImageFormatException tooLarge = Assert.Throws<ImageFormatException>(() => onDisk.Buffered(limit));
            Assert.Equal(file, tooLarge.File);

            File.Delete(file);
            TestImages.AssertSame(CreateImage(3), buffered.Load());
            Assert.Throws<FileNotFoundException>(() => onDisk.Buffered());
        }
        finally
        {
            File.Delete(file);
        }

        static string Fingerprint(ImageSource source) => new LabeledImageData([new LabeledSample([source], 0)], 2, Small).Fingerprint;
    }

    [Fact]
    public void Invalid_arguments_throw()
    {
        Assert.Throws<ArgumentException>("samples", () => new LabeledImageData([], 2, Small));
        Assert.Throws<ArgumentException>("samples", () => new LabeledImageData([new LabeledSample([], 0)], 2, Small));
        Assert.Throws<ArgumentException>("samples", () => new LabeledImageData([new LabeledSample([Source(0)], 2)], 2, Small));
        Assert.Throws<ArgumentOutOfRangeException>("classCount", () => new LabeledImageData(Samples(1), 1, Small));
        Assert.Throws<ArgumentOutOfRangeException>("Mixup", () => new LabeledImageDataOptions { Mixup = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("CutMix", () => new LabeledImageDataOptions { CutMix = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>("MixProbability", () => new LabeledImageDataOptions { MixProbability = 1.1 });
        LabeledImageData data = Create(2, null);
        Assert.Throws<ArgumentOutOfRangeException>("samples", () => data.Read([2], 0, 0, new float[360], new float[4]));
        Assert.Throws<ArgumentException>("inputs", () => data.Read([0], 0, 0, new float[359], new float[4]));
        Assert.Throws<ArgumentException>("targets", () => data.Read([0], 0, 0, new float[360], new float[5]));
        var broken = new LabeledImageData([new LabeledSample([ImageSource.FromBytes("broken", new byte[9])], 0)], 2, Small);
        Assert.Equal("broken", Assert.Throws<ImageFormatException>(() => broken.Read([0], 0, 0, new float[360], new float[2])).File);
    }

    private static Image CreateImage(int seed) => TestImages.Noise(20 + seed, 16, 3, seed);

    private static ImageSource Source(int seed) => ImageSource.FromImage($"image {seed}", CreateImage(seed));

    private static ImageSource Constant(byte value) =>
        ImageSource.FromImage($"all {value}", TestImages.Constant(5, 5, new RgbColor(value, value, value)));

    private static IEnumerable<LabeledSample> Samples(int count) =>
        Enumerable.Range(0, count).Select(i => new LabeledSample([Source(i)], i % 4));

    private static LabeledImageData Create(int count, LabeledImageDataOptions? options) => new(Samples(count), 4, Small, options);

    private static (float[] Inputs, float[] Targets) Read(LabeledImageData data, int[] samples, int seed, int epoch)
    {
        float[] inputs = new float[samples.Length * data.InputShape.Length], targets = new float[samples.Length * data.TargetShape.Length];
        data.Read(samples, seed, epoch, inputs, targets);
        return (inputs, targets);
    }
}
