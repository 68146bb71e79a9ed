using SimNet.Models;

namespace SimNet.Embeddings.Tests;

public class DenoisingDataTests
{
    private static readonly Augmentation Jitter = new() { HorizontalFlip = 0.5, MaxRotationDegrees = 10, Brightness = 0.2 };

    [Theory]
    [InlineData(ColorMode.Gray)]
    [InlineData(ColorMode.Rgb)]
    public void A_sample_does_not_depend_on_its_batch(ColorMode color)
    {
        (DenoisingData data, _) = Create(20, color, new DenoisingDataOptions { Augmentation = Jitter });
        int length = data.InputShape.Length;
        int[] batch = [7, 3, 19, 3, 0, 11];
        float[] inputs = new float[batch.Length * length], targets = new float[batch.Length * length];
        data.Read(batch, seed: 9, epoch: 4, inputs, targets);
        for (int i = 0; i < batch.Length; i++)
        {
            float[] input = new float[length], target = new float[length];
            data.Read([batch[i]], 9, 4, input, target);
            Assert.Equal(input, inputs[(i * length)..((i + 1) * length)]);
            Assert.Equal(target, targets[(i * length)..((i + 1) * length)]);
        }
    }

    [Fact]
    public void Concurrent_reads_give_the_same_samples()
    {
        (DenoisingData data, _) = Create(16, ColorMode.Gray, new DenoisingDataOptions { Augmentation = Jitter });
        int[] all = [.. Enumerable.Range(0, 16)];
        float[] expected = new float[16 * 64 * 64], targets = new float[expected.Length];
        data.Read(all, 1, 2, expected, targets);
        Parallel.For(0, 16, _ =>
        {
            float[] inputs = new float[expected.Length], clean = new float[expected.Length];
            data.Read(all, 1, 2, inputs, clean);
            Assert.True(inputs.AsSpan().SequenceEqual(expected) && clean.AsSpan().SequenceEqual(targets));
        });
    }

    [Fact]
    public void Noise_depends_on_seed_epoch_and_sample_but_the_target_does_not()
    {
        Image image = TestImages.Noise(64, 64, 1, seed: 1);
        var data = new DenoisingData([image, image], new Preprocessing());
        HashSet<string> seen = [];
        foreach ((int sample, int seed, int epoch) in new[] { (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, -1, 0) })
        {
            float[] input = new float[4096], target = new float[4096];
            data.Read([sample], seed, epoch, input, target);
            Assert.True(seen.Add(string.Join(' ', input)));
            Assert.Equal(image.Pixels.ToArray().Select(p => p / 255f), target);
        }
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.03f)]
    public void Noise_has_mean_zero_and_the_given_deviation_and_is_clamped(float deviation)
    {
        var preprocessing = new Preprocessing();
        var options = new DenoisingDataOptions { NoiseStandardDeviation = deviation };
        float[] input = new float[4096], target = new float[4096];
        var middle = new DenoisingData([TestImages.Constant(64, 64, new RgbColor(128, 128, 128)).ToGray()], preprocessing, options);
        var differences = new List<double>();
        for (int epoch = 0; epoch < 50; epoch++)
        {
            middle.Read([0], 3, epoch, input, target);
            differences.AddRange(input.Zip(target, (a, b) => (double)a - b));
        }

        Assert.Equal(0, differences.Average(), tolerance: 5 * deviation / Math.Sqrt(differences.Count));
        Assert.Equal(deviation, Math.Sqrt(differences.Average(d => d * d)), tolerance: 0.01 * deviation);

        var white = new DenoisingData([TestImages.Constant(64, 64, RgbColor.White).ToGray()], preprocessing, options);
        white.Read([0], 3, 0, input, target);
        Assert.All(target, value => Assert.Equal(1, value));
        Assert.All(input, value => Assert.InRange(value, 0, 1));
        Assert.InRange(input.Count(value => value == 1), 2048 - 160, 2048 + 160);
    }

    [Fact]
    public void Input_equals_target_without_noise()
    {
        (DenoisingData data, Image[] images) = Create(3, ColorMode.Rgb, new DenoisingDataOptions { NoiseStandardDeviation = 0 });
        float[] input = new float[3 * 3 * 4096], target = new float[input.Length];
        data.Read([2, 1, 0], 1, 1, input, target);
        Assert.Equal(target, input);
        Assert.Equal(images[2].At(5, 6, 1) / 255f, target[4096 + (6 * 64) + 5]);
    }

    [Fact]
    public void Augmentation_applies_to_input_and_target()
    {
        var options = new DenoisingDataOptions { NoiseStandardDeviation = 0, Augmentation = Jitter };
        (DenoisingData data, Image[] images) = Create(1, ColorMode.Gray, options);
        float[] input = new float[4096], target = new float[4096];
        data.Read([0], 1, 1, input, target);
        Assert.Equal(target, input);
        Assert.NotEqual(images[0].Pixels.ToArray().Select(p => p / 255f), target);
    }

    [Fact]
    public void Shapes_are_those_of_the_preprocessing()
    {
        (DenoisingData data, _) = Create(4, ColorMode.Rgb, options: null);
        Assert.Equal((4, new Shape(3, 64, 64), new Shape(3, 64, 64)), (data.Count, data.InputShape, data.TargetShape));
    }

    [Fact]
    public void Invalid_arguments_throw()
    {
        var preprocessing = new Preprocessing();
        Image image = TestImages.Noise(64, 64, 1, seed: 1);
        Assert.Throws<ArgumentException>("images", () => new DenoisingData([], preprocessing));
        Image small = TestImages.Noise(64, 63, 1, seed: 1);
        Assert.Throws<ArgumentException>("images[1]", () => new DenoisingData([image, small], preprocessing));
        Preprocessing centered = preprocessing with { Mean = [0.5f] }, scaled = preprocessing with { StandardDeviation = [0.5f] };
        Assert.Throws<ArgumentException>("preprocessing", () => new DenoisingData([image], centered));
        Assert.Throws<ArgumentException>("preprocessing", () => new DenoisingData([image], scaled));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenoisingDataOptions { NoiseStandardDeviation = float.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenoisingDataOptions { NoiseStandardDeviation = -1 });

        var data = new DenoisingData([image], preprocessing);
        Assert.Throws<ArgumentOutOfRangeException>("samples", () => data.Read([1], 0, 0, new float[4096], new float[4096]));
        Assert.Throws<ArgumentOutOfRangeException>("samples", () => data.Read([-1], 0, 0, new float[4096], new float[4096]));
        Assert.Throws<ArgumentException>("inputs", () => data.Read([0], 0, 0, new float[4095], new float[4096]));
        Assert.Throws<ArgumentException>("targets", () => data.Read([0], 0, 0, new float[4096], new float[8192]));
    }

    private static (DenoisingData Data, Image[] Images) Create(int count, ColorMode color, DenoisingDataOptions? options)
    {
        var preprocessing = new Preprocessing { Color = color };
        Image[] images = [.. Enumerable.Range(0, count).Select(i => preprocessing.Prepare(TestImages.Noise(30 + i, 40, 3, seed: i)))];
        return (new DenoisingData(images, preprocessing, options), images);
    }

    [Fact]
    public void The_fingerprint_depends_on_images_noise_and_preprocessing()
    {
        var preprocessing = new Preprocessing { Width = 4, Height = 4 };
        var one = new Image(4, 4, 1, [.. Enumerable.Range(0, 16).Select(i => (byte)i)]);
        var other = new Image(4, 4, 1, [.. Enumerable.Range(0, 16).Select(i => (byte)(i == 9 ? 0 : i))]);
        var noisy = new DenoisingDataOptions { NoiseStandardDeviation = 0.5f };
        string first = new DenoisingData([one, other], preprocessing).Fingerprint;

        Assert.Equal(first, new DenoisingData([one, other], preprocessing).Fingerprint);
        Assert.NotEqual(first, new DenoisingData([other, one], preprocessing).Fingerprint);
        Assert.NotEqual(first, new DenoisingData([one, one], preprocessing).Fingerprint);
        Assert.NotEqual(first, new DenoisingData([one, other], preprocessing, noisy).Fingerprint);
        Assert.NotEqual(first, new DenoisingData([one, other], preprocessing with { Filter = ResizeFilter.Bilinear }).Fingerprint);
    }

    [Fact]
    public void The_fingerprint_does_not_depend_on_the_culture()
    {
        var options = new DenoisingDataOptions { Augmentation = Jitter };
        string expected = Create(1, ColorMode.Gray, options).Data.Fingerprint;
        using var comma = new CommaCulture();
        Assert.Equal(expected, Create(1, ColorMode.Gray, options).Data.Fingerprint);
    }
}
