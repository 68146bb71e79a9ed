namespace SimNet.Embeddings.Tests;

public class AugmentationTests
{
    private static readonly Augmentation Everything = new()
    {
        HorizontalFlip = 0.5,
        MaxRotationDegrees = 15,
        MinCropScale = 0.7,
        MaxCropScale = 1.1,
        MaxShift = 0.1,
        Brightness = 0.3,
        Contrast = 0.3,
        Saturation = 0.3,
        NoiseStandardDeviation = 0.02,
    };

    [Fact]
    public void The_default_augmentation_changes_nothing()
    {
        Image image = TestImages.Noise(30, 20, 3, seed: 1);
        for (long seed = -5; seed < 50; seed++)
        {
            Assert.Same(image, Augmentation.None.Apply(image, seed));
        }

        Assert.Equal(new Augmentation(), Augmentation.None);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_seed_determines_the_augmented_image(int channels)
    {
        Image image = TestImages.Gradient(64, 48, channels);
        byte[] before = image.Pixels.ToArray();
        Image first = Everything.Apply(image, 42);
        TestImages.AssertSame(first, Everything.Apply(image, 42));
        Assert.Equal((64, 48, channels), (first.Width, first.Height, first.Channels));
        HashSet<string> seen = [];
        for (long seed = 0; seed < 50; seed++)
        {
            seen.Add(Convert.ToHexString(Everything.Apply(image, seed).Pixels));
        }

        Assert.Equal(50, seen.Count);
        Assert.Equal(before, image.Pixels.ToArray());
    }

    [Fact]
    public void Flips_occur_with_the_given_probability()
    {
        Image image = TestImages.Gradient(8, 8, 3), flipped = image.FlipHorizontal();
        var augmentation = new Augmentation { HorizontalFlip = 0.25 };
        int flips = 0;
        for (long seed = 0; seed < 4000; seed++)
        {
            Image result = augmentation.Apply(image, seed);
            if (!ReferenceEquals(result, image))
            {
                TestImages.AssertSame(flipped, result);
                flips++;
            }
        }

        // Five standard deviations of the binomial distribution.
        Assert.InRange(flips, 1000 - 137, 1000 + 137);
    }

    [Fact]
    public void Flipping_during_resampling_equals_flipping_afterward()
    {
        Image image = TestImages.Gradient(33, 20, 3);
        Image warped = AffineWarp.About(image, 20, 0.8, 1.5, -2.25, flip: false, RgbColor.Black);
        TestImages.AssertSame(warped.FlipHorizontal(), AffineWarp.About(image, 20, 0.8, 1.5, -2.25, flip: true, RgbColor.Black));
    }

    [Fact]
    public void Rgb_resampling_equals_resampling_each_channel()
    {
        // Gray images are sampled one value at a time; RGB images use vectors where all four neighbors are in the image.
        Augmentation warp = Everything with
        {
            Brightness = 0,
            Contrast = 0,
            Saturation = 0,
            NoiseStandardDeviation = 0,
            Background = new RgbColor(90, 90, 90),
        };
        foreach ((int width, int height) in new[] { (64, 48), (2, 2), (1, 7), (3, 1), (17, 33) })
        {
            Image image = TestImages.Noise(width, height, 3, seed: width);
            for (long seed = 0; seed < 20; seed++)
            {
                Image together = warp.Apply(image, seed);
                for (int channel = 0; channel < 3; channel++)
                {
                    byte[] plane = [.. Enumerable.Range(0, width * height).Select(i => image.Pixels[(3 * i) + channel])];
                    Image alone = warp.Apply(new Image(width, height, 1, plane), seed);

                    // A position halfway between two of the 256 steps can be rounded either way, which changes a value by 1/256 of the
                    // difference between its neighbors.
                    Assert.All(
                        Enumerable.Range(0, width * height),
                        i => Assert.Equal(alone.Pixels[i], (double)together.Pixels[(3 * i) + channel], tolerance: 2));
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Erasing_fills_one_rectangle_within_the_area_limits(int channels)
    {
        Image image = TestImages.Noise(60, 80, channels, seed: 2);
        var augmentation = new Augmentation { Erasing = 0.5 };
        int erased = 0;
        for (long seed = 0; seed < 1000; seed++)
        {
            Image result = augmentation.Apply(image, seed);
            if (ReferenceEquals(result, image))
            {
                continue;
            }

            erased++;
            (int X, int Y)[] changed = [.. Enumerable.Range(0, 60 * 80)
                .Where(i => !result.Pixels.Slice(i * channels, channels).SequenceEqual(image.Pixels.Slice(i * channels, channels)))
                .Select(i => (i % 60, i / 60))];
            (int left, int right) = (changed.Min(p => p.X), changed.Max(p => p.X));
            (int top, int bottom) = (changed.Min(p => p.Y), changed.Max(p => p.Y));
            double area = (right - left + 1.0) * (bottom - top + 1);
            Assert.InRange(area / 4800, 0.01, 0.22);

            // The rectangle has one color.
            for (int y = top; y <= bottom; y++)
            {
                for (int x = left; x <= right; x++)
                {
                    Assert.Equal(result.Row(top).Slice(left * channels, channels), result.Row(y).Slice(x * channels, channels));
                }
            }
        }

        Assert.InRange(erased, 500 - 80, 500 + 80);
    }

    [Fact]
    public void A_crop_scale_of_one_half_doubles_the_center()
    {
        Image image = TestImages.Gradient(64, 64, 1);
        Image result = new Augmentation { MinCropScale = 0.5, MaxCropScale = 0.5 }.Apply(image, 3);
        Image expected = image.Crop(16, 16, 32, 32).Resize(64, 64, ResizeFilter.Bilinear);
        for (int y = 1; y < 63; y++)
        {
            for (int x = 1; x < 63; x++)
            {
                Assert.Equal(expected.At(x, y), (double)result.At(x, y), tolerance: 1);
            }
        }
    }

    [Fact]
    public void Shifting_fills_from_beyond_the_edge_with_the_background()
    {
        Image image = TestImages.Constant(40, 100, RgbColor.Black);
        var augmentation = new Augmentation { MaxShift = 0.25, Background = new RgbColor(255, 0, 0) };
        int widest = 0, highest = 0;
        for (long seed = 0; seed < 200; seed++)
        {
            Image result = augmentation.Apply(image, seed);
            Assert.Equal(0, Enumerable.Range(0, 40).Max(x => result.At(x, 50, 1)));
            widest = Math.Max(widest, Enumerable.Range(0, 40).Count(x => result.At(x, 50) == 255));
            highest = Math.Max(highest, Enumerable.Range(0, 100).Count(y => result.At(20, y) == 255));
        }

        Assert.InRange(widest, 8, 10);
        Assert.InRange(highest, 22, 25);
    }

    [Fact]
    public void Brightness_scales_all_values_by_one_factor_in_range()
    {
        Image image = TestImages.Gradient(16, 16, 3);
        var factors = new List<double>();
        for (long seed = 0; seed < 200; seed++)
        {
            Image result = new Augmentation { Brightness = 0.4 }.Apply(image, seed);
            double factor = Enumerable.Range(0, 768).Where(i => image.Pixels[i] is > 90 and < 170)
                .Average(i => (double)result.Pixels[i] / image.Pixels[i]);
            factors.Add(factor);
            for (int i = 0; i < 768; i++)
            {
                Assert.Equal(Math.Min(255, factor * image.Pixels[i]), result.Pixels[i], tolerance: 1.5);
            }
        }

        Assert.InRange(factors.Min(), 0.595, 0.65);
        Assert.InRange(factors.Max(), 1.35, 1.405);
    }

    [Fact]
    public void Contrast_preserves_the_mean_and_saturation_preserves_luma()
    {
        Image image = TestImages.Gradient(32, 32, 3).Resize(32, 32);
        byte[] middle = [.. image.Pixels.ToArray().Select(p => (byte)(96 + (p / 4)))];
        image = new Image(32, 32, 3, middle);
        double mean = image.ToGray().Pixels.ToArray().Average(p => (double)p);
        Image gray = TestImages.Noise(9, 9, 1, seed: 3);
        bool changedContrast = false, changedSaturation = false;
        for (long seed = 0; seed < 20; seed++)
        {
            Image contrasted = new Augmentation { Contrast = 0.5 }.Apply(image, seed);
            Assert.Equal(mean, contrasted.ToGray().Pixels.ToArray().Average(p => (double)p), tolerance: 0.6);
            changedContrast |= !contrasted.Pixels.SequenceEqual(image.Pixels);

            Image saturated = new Augmentation { Saturation = 1 }.Apply(image, seed);
            Image before = image.ToGray(), after = saturated.ToGray();
            for (int i = 0; i < before.Pixels.Length; i++)
            {
                Assert.Equal(before.Pixels[i], (double)after.Pixels[i], tolerance: 1);
            }

            changedSaturation |= !saturated.Pixels.SequenceEqual(image.Pixels);
            Assert.Same(gray, new Augmentation { Saturation = 1 }.Apply(gray, seed));
            TestImages.AssertSame(gray.ToRgb(), new Augmentation { Saturation = 1 }.Apply(gray.ToRgb(), seed));
        }

        Assert.True(changedContrast && changedSaturation);
    }

    [Fact]
    public void Contrast_does_not_change_a_uniform_image()
    {
        Image image = TestImages.Constant(6, 6, new RgbColor(150, 150, 150));
        var dimming = new Augmentation { Brightness = 0.5 };
        for (long seed = 0; seed < 50; seed++)
        {
            Image dimmed = dimming.Apply(image, seed), both = (dimming with { Contrast = 0.8 }).Apply(image, seed);
            Assert.Equal(dimmed.At(3, 3, 1), (double)both.At(3, 3, 1), tolerance: 1);
        }
    }

    [Fact]
    public void Noise_has_the_given_standard_deviation()
    {
        Image image = TestImages.Constant(100, 100, new RgbColor(128, 128, 128));
        Image result = new Augmentation { NoiseStandardDeviation = 0.05 }.Apply(image, 17);
        double[] differences = [.. result.Pixels.ToArray().Select(p => (p - 128) / 255.0)];
        Assert.Equal(0, differences.Average(), tolerance: 0.0015);
        Assert.Equal(0.05, Math.Sqrt(differences.Average(d => d * d)), tolerance: 0.0015);
    }

    [Fact]
    public void Enabling_an_option_does_not_change_the_others()
    {
        Image image = TestImages.Gradient(20, 20, 1);
        var flip = new Augmentation { HorizontalFlip = 0.5 };
        var dimmed = flip with { Brightness = 0.0001, MaxShift = 0 };
        for (long seed = 0; seed < 50; seed++)
        {
            Image expected = flip.Apply(image, seed), actual = dimmed.Apply(image, seed);
            Assert.All(Enumerable.Range(0, 400), i => Assert.Equal(expected.Pixels[i], (double)actual.Pixels[i], tolerance: 1));
        }
    }

    [Fact]
    public void Options_out_of_range_throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>("HorizontalFlip", () => new Augmentation { HorizontalFlip = 1.1 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxRotationDegrees", () => new Augmentation { MaxRotationDegrees = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("MinCropScale", () => new Augmentation { MinCropScale = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxCropScale", () => new Augmentation { MaxCropScale = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>("MaxShift", () => new Augmentation { MaxShift = 2 });
        Assert.Throws<ArgumentOutOfRangeException>("Brightness", () => new Augmentation { Brightness = -0.1 });
        Assert.Throws<ArgumentOutOfRangeException>("Contrast", () => new Augmentation { Contrast = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>("Saturation", () => new Augmentation { Saturation = 1.5 });
        Assert.Throws<ArgumentOutOfRangeException>("NoiseStandardDeviation", () => new Augmentation { NoiseStandardDeviation = -1 });
        Assert.Throws<InvalidOperationException>(
            () => new Augmentation { MaxCropScale = 0.5 }.Apply(TestImages.Noise(2, 2, 1, seed: 1), 1));
    }
}
