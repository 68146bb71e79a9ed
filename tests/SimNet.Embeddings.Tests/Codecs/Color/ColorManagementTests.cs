using System.Buffers.Binary;

namespace SimNet.Embeddings.Tests;

public class ColorManagementTests
{
    private static readonly TestPng Rgb = TestPng.Random(40, 30, 2, 8, transparent: false, new Random(1));

    public static TheoryData<string, int> Spaces()
    {
        var spaces = new TheoryData<string, int>();
        foreach (string space in new[] { "sRGB", "P3", "Adobe", "ProPhoto" })
        {
            for (int curve = 0; curve < 9; curve++)
            {
                spaces.Add(space, curve);
            }
        }

        return spaces;
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void A_matrix_profile_is_converted_within_a_level_of_the_formula(string space, int kind)
    {
        double[] colors = space switch
        {
            "sRGB" => TestProfile.Srgb,
            "P3" => TestProfile.DisplayP3,
            "Adobe" => TestProfile.AdobeRgb,
            _ => TestProfile.ProPhoto,
        };
        (byte[] tag, Func<double, double> curve) = Curve(kind);
        byte[] profile = TestProfile.Chunk(TestProfile.OfMatrix(colors, tag));
        foreach ((int type, int depth) in new[] { (2, 8), (2, 16), (3, 8), (6, 8), (6, 16) })
        {
            TestPng png = TestPng.Random(40, 30, type, depth, transparent: false, new Random(depth + type));
            double largest = (1 << depth) - 1;
            if (type == 6)
            {
                png = png with { Samples = [.. png.Samples.Select((sample, i) => i % 4 == 3 ? (int)largest : sample)] };
            }

            Image image = Decode(WithChunk(png, profile));
            Assert.Empty(image.Blemishes);
            for (int pixel = 0; pixel < 40 * 30; pixel++)
            {
                double[] stored = type == 3
                    ? [.. png.Palette![(3 * png.Samples[pixel])..][..3].Select(value => value / 255.0)]
                    : [.. png.Samples[(pixel * png.SamplesPerPixel)..][..3].Select(value => value / largest)];
                int[] expected = TestProfile.Expected(colors, curve, stored);
                for (int c = 0; c < 3; c++)
                {
                    Assert.InRange(image.Pixels[(3 * pixel) + c] - expected[c], -1, 1);
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(16)]
    public void A_gray_profile_is_converted_within_a_level_of_the_formula(int depth)
    {
        TestPng png = TestPng.Random(50, 20, 0, depth, transparent: false, new Random(depth));
        double largest = (1 << depth) - 1;
        Image gamma = Decode(WithChunk(png, TestProfile.Chunk(TestProfile.OfGray(TestProfile.Gamma(1.5)))));
        Image lightness = Decode(WithChunk(png, TestProfile.Chunk(TestProfile.OfGray(TestProfile.Gamma(1), "Lab "))));
        Assert.Equal((1, 1), (gamma.Channels, lightness.Channels));
        for (int i = 0; i < png.Samples.Length; i++)
        {
            double value = png.Samples[i] / largest;
            Assert.InRange(gamma.Pixels[i] - TestProfile.Encode(Math.Pow(value, 1.5)), -1, 1);
            double f = ((100 * value) + 16) / 116;
            Assert.InRange(lightness.Pixels[i] - TestProfile.Encode(value > 0.08 ? f * f * f : value * 100 / 903.3), -1, 1);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void A_profile_that_is_about_srgb_changes_no_pixel(int kind)
    {
        byte[] profile = TestProfile.OfMatrix(TestProfile.Srgb, Curve(kind).Tag);
        Assert.Null(IccProfile.Read(profile, 3).Transform);
        TestImages.AssertSame(Rgb.Expected(), Decode(WithChunk(Rgb, TestProfile.Chunk(profile))));
    }

    [Theory]
    [InlineData(100_000u, false, 1.0)]
    [InlineData(60_000u, false, 0.6)]
    [InlineData(45_455u, false, null)]
    [InlineData(47_000u, false, null)]
    [InlineData(45_455u, true, 0.45455)]
    [InlineData(0u, false, null)]
    public void Gamma_is_applied_unless_it_is_about_that_of_srgb_alone(uint stored, bool withPrimaries, double? gamma)
    {
        byte[] number = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, stored);
        byte[][] color = withPrimaries ? [TestPng.Chunk("gAMA", number), Primaries()] : [TestPng.Chunk("gAMA", number)];
        foreach (TestPng png in new[] { Rgb, TestPng.Random(40, 30, 0, 8, transparent: false, new Random(2)) })
        {
            Image image = Decode(WithChunk(png, color));
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                int expected = gamma is null ? png.Samples[i] : TestProfile.Encode(Math.Pow(png.Samples[i] / 255.0, 1 / gamma.Value));
                Assert.InRange(image.Pixels[i] - expected, gamma is null ? 0 : -1, gamma is null ? 0 : 1);
            }
        }
    }

    [Fact]
    public void The_chunk_of_the_highest_precedence_counts()
    {
        byte[] codes = TestPng.Chunk("cICP", [1, 8, 0, 1]), wrongCodes = TestPng.Chunk("cICP", [1, 8, 1, 1]);
        byte[] profile = TestProfile.Chunk(TestProfile.OfMatrix(TestProfile.ProPhoto, TestProfile.Gamma(1.8)));
        byte[] damaged = TestPng.Chunk("iCCP", [.. "a\0\0"u8, 1, 2, 3]);
        byte[] srgb = TestPng.Chunk("sRGB", [0]), gamma = TestPng.Chunk("gAMA", [0, 0, 0xEA, 0x60]);
        Image Of(params byte[][] chunks) => Decode(WithChunk(Rgb, chunks));
        TestImages.AssertSame(Of(codes), Of(gamma, srgb, profile, codes));
        TestImages.AssertSame(Of(profile), Of(wrongCodes, gamma, srgb, profile));
        TestImages.AssertSame(Of(srgb), Of(gamma, srgb, damaged));
        TestImages.AssertSame(Of(gamma), Of(damaged, gamma));
        TestImages.AssertSame(Rgb.Expected(), Of(srgb));
        Image[] distinct = [Of(codes), Of(profile), Of(srgb), Of(gamma)];
        Assert.Equal(4, distinct.Select(image => Convert.ToHexString(image.Pixels)).Distinct().Count());
    }

    [Theory]
    [InlineData(9, 13)]
    [InlineData(12, 13)]
    [InlineData(12, 1)]
    [InlineData(1, 4)]
    [InlineData(1, 8)]
    [InlineData(6, 16)]
    [InlineData(9, 18)]
    public void Coded_color_spaces_keep_black_white_and_the_order_of_grays(byte primaries, byte curve)
    {
        var ramp = new TestPng(256, 1, 2, 8) { Samples = [.. Enumerable.Range(0, 768).Select(i => i / 3)] };
        Image image = Decode(WithChunk(ramp, TestPng.Chunk("cICP", [primaries, curve, 0, 1])));
        Assert.Empty(image.Blemishes);
        Assert.Equal([0, 0, 0], image.Pixels[..3].ToArray());
        Assert.Equal([255, 255, 255], image.Pixels[^3..].ToArray());
        for (int i = 3; i < image.Pixels.Length; i += 3)
        {
            Assert.True(image.Pixels[i] >= image.Pixels[i - 3]);
            Assert.InRange(image.Pixels[i] - image.Pixels[i + 1], -1, 1);
            Assert.InRange(image.Pixels[i] - image.Pixels[i + 2], -1, 1);
        }
    }

    [Fact]
    public void Display_p3_by_codes_equals_that_by_profile()
    {
        Image codes = Decode(WithChunk(Rgb, TestPng.Chunk("cICP", [12, 13, 0, 1])));
        Image profile = Decode(WithChunk(Rgb, TestProfile.Chunk(TestProfile.OfMatrix(TestProfile.DisplayP3, Curve(3).Tag))));
        for (int i = 0; i < codes.Pixels.Length; i++)
        {
            Assert.InRange(codes.Pixels[i] - profile.Pixels[i], -1, 1);
        }
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(100)]
    public void A_profile_in_segments_of_a_jpeg_is_applied_in_any_order(int length)
    {
        byte[] jpeg = Jpeg(), profile = TestProfile.OfMatrix(TestProfile.ProPhoto, TestProfile.Gamma(1.8));
        byte[][] segments = TestProfile.Segments(profile, length);
        Image plain = Decode(jpeg), converted = Decode(WithSegments(jpeg, segments));
        TestImages.AssertSame(converted, Decode(WithSegments(jpeg, [.. segments.Reverse()])));
        for (int i = 0; i < plain.Pixels.Length; i += 3)
        {
            double[] pixel = [.. plain.Pixels.Slice(i, 3).ToArray().Select(value => value / 255.0)];
            int[] expected = TestProfile.Expected(TestProfile.ProPhoto, value => Math.Pow(value, 461 / 256.0), pixel);
            Assert.InRange(converted.Pixels[i] - expected[0], -1, 1);
            Assert.InRange(converted.Pixels[i + 1] - expected[1], -1, 1);
            Assert.InRange(converted.Pixels[i + 2] - expected[2], -1, 1);
        }

        if (segments.Length > 1)
        {
            Image incomplete = Decode(WithSegments(jpeg, segments[1..])), twice = Decode(WithSegments(jpeg, [segments[0], .. segments]));
            TestImages.AssertSame(plain, incomplete);
            TestImages.AssertSame(plain, twice);
            Assert.Contains("missing", Assert.Single(incomplete.Blemishes), StringComparison.Ordinal);
            Assert.Single(twice.Blemishes);
        }
    }

    [Fact]
    public void Look_up_tables_are_left_to_the_other_decoder_or_noted()
    {
        byte[] jpeg = WithSegments(Jpeg(), TestProfile.Segments(TestProfile.OfTables(), 60000));
        byte[] png = WithChunk(Rgb, TestProfile.Chunk(TestProfile.OfTables()));
        foreach (byte[] file in new[] { jpeg, png })
        {
            Assert.Contains("SimNet.MagickNet", Assert.Single(Decode(file).Blemishes), StringComparison.Ordinal);
            Assert.Equal(1, new ImageDecoder(new OnePixel()).Decode(file, ImageDecoderOptions.Default).Width);
            Assert.Throws<ImageFormatException>(() =>
                ImageDecoder.Default.Decode(file, new ImageDecoderOptions { Tolerance = DecodingTolerance.Strict }));
        }
    }

    [Fact]
    public void Damaged_profiles_are_ignored_and_noted()
    {
        byte[] whole = TestProfile.OfMatrix(TestProfile.AdobeRgb, TestProfile.Table(50, value => value * value));
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            byte[] profile = [.. whole];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                profile[random.Next(profile.Length)] = (byte)random.Next(256);
            }

            IccProfile read = IccProfile.Read(i % 3 == 0 ? profile[..random.Next(profile.Length)] : profile, random.Next(2) == 0 ? 3 : 1);
            read.Transform?.Convert(new byte[768], 3);
        }

        byte[] manyTags = [.. whole[..128], 0xFF, 0xFF, 0xFF, 0xFF, .. whole[132..200]];
        foreach (byte[] profile in new byte[][] { [], whole[..100], whole[..^10], manyTags })
        {
            Image image = Decode(WithChunk(Rgb, TestProfile.Chunk(profile)));
            TestImages.AssertSame(Rgb.Expected(), image);
            Assert.Contains("color profile is damaged", Assert.Single(image.Blemishes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_profile_that_claims_a_huge_size_takes_no_memory()
    {
        byte[] bomb = TestPng.Chunk("iCCP", [.. "a\0\0"u8, .. TestPng.Compress([0x7F, 0, 0, 0, .. new byte[20_000_000]])]);
        byte[] file = WithChunk(Rgb, bomb);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Single(Decode(file).Blemishes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000 + (2 * file.Length));
    }

    [SkippableTheory]
    [InlineData("colour-gama-ignored--linear.png", 184.08, 186.75, 165.15)]
    [InlineData("colour-gama-ignored--toucan.png", 204.90, 199.86, 180.33)]
    public void The_mean_color_is_that_of_chromium(string name, double red, double green, double blue)
    {
        Image image = Decode(File.ReadAllBytes(TestData.Require(Path.Combine("cases", "pictures", name))));
        double[] mean = new double[3];
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            mean[i % 3] += image.Pixels[i] / (double)(image.Width * image.Height);
        }

        Assert.InRange(mean[0], red - 0.5, red + 0.5);
        Assert.InRange(mean[1], green - 0.5, green + 0.5);
        Assert.InRange(mean[2], blue - 0.5, blue + 0.5);
    }

    private static (byte[] Tag, Func<double, double> Curve) Curve(int kind) => kind switch
    {
        0 => (TestProfile.Gamma(1.8), value => Math.Pow(value, 461 / 256.0)),
        1 => ([.. "curv\0\0\0\0"u8, 0, 0, 0, 0], value => value),
        2 => (TestProfile.Parametric(0, 2.2), value => Math.Pow(value, 2.2)),
        3 => (TestProfile.Parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045), TestProfile.Decode),
        4 => (TestProfile.Parametric(1, 2, 1.25, -0.25), value => value < 0.2 ? 0 : Math.Pow((1.25 * value) - 0.25, 2)),
        5 => (TestProfile.Parametric(2, 2, 0.75, -0.15, 0.125),
            value => value < 0.2 ? 0.125 : Math.Pow((0.75 * value) - 0.15, 2) + 0.125),
        6 => (TestProfile.Parametric(4, 2, 0.75, 0, 0.25, 0.25, 0.0625, 0.03515625),
            value => value < 0.25 ? (0.25 * value) + 0.03515625 : Math.Pow(0.75 * value, 2) + 0.0625),
        7 => (TestProfile.Table(2, value => value), value => value),
        _ => (TestProfile.Table(1024, TestProfile.Decode), TestProfile.Decode),
    };

    private static byte[] Primaries() => TestPng.Chunk(
        "cHRM", [.. new[] { 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000 }.SelectMany(value =>
            new[] { (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value })]);

    private static byte[] WithChunk(TestPng png, params byte[][] color)
    {
        byte[][] chunks = [.. png.Chunks()];
        return TestPng.File([chunks[0], .. color, .. chunks[1..]]);
    }

    private static byte[] Jpeg() => StoredJpegs.Sequential;

    private static byte[] WithSegments(byte[] jpeg, byte[][] segments) =>
        [.. jpeg[..2], .. segments.SelectMany(part => part), .. jpeg[2..]];

    private static Image Decode(byte[] file) =>
        ImageDecoder.Default.Decode(file, new ImageDecoderOptions { Background = RgbColor.White });

    private sealed class OnePixel : IImageDecoder
    {
        public Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options) => new(1, 1, 1, [7]);
    }
}
