using System.Formats.Tar;
using System.IO.Compression;

namespace SimNet.Embeddings.Tests;

/// <summary>Compares the pixels of the decoder with those of djpeg.</summary>
public class JpegAgainstLibjpegTests
{
    private static readonly (int Width, int Height)[] Sizes = [(1, 1), (2, 3), (3, 2), (7, 9), (17, 33), (64, 80), (100, 5), (5, 40)];

    public static TheoryData<string> Samplings() =>
    [
        "1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x4", "3x1", "1x3", "2x2,2x1,1x2", "2x2,1x2,2x1", "2x1,1x2,1x1",
        "1x2,2x1,1x1", "1x1,2x2,1x1", "4x1,2x1,1x1", "4x1,2x1,2x1",
    ];

    [SkippableTheory]
    [MemberData(nameof(Samplings))]
    public void Every_subsampling_gives_the_pixels_of_libjpeg(string sampling)
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        foreach ((int width, int height) in Sizes)
        {
            byte[] ppm = TestPattern.Ppm(width, height, seed: width);
            byte[] baseline = LibjpegPrograms.Run("cjpeg", $"-quality 85 -sample {sampling}", ppm);
            byte[] progressive = LibjpegPrograms.Run("cjpeg", $"-quality 60 -progressive -sample {sampling}", ppm);
            AssertSame(baseline, $"{width}x{height} {sampling}");
            AssertSame(progressive, $"{width}x{height} {sampling} progressive");
        }
    }

    [SkippableTheory]
    [InlineData("-quality 1")]
    [InlineData("-quality 1 -baseline")]
    [InlineData("-quality 30")]
    [InlineData("-quality 100")]
    [InlineData("-quality 100 -sample 1x1 -progressive")]
    [InlineData("-quality 90,20")]
    [InlineData("-optimize")]
    [InlineData("-grayscale")]
    [InlineData("-grayscale -progressive")]
    [InlineData("-grayscale -sample 2x2")]
    [InlineData("-rgb")]
    [InlineData("-rgb -progressive")]
    [InlineData("-rgb -sample 2x2,1x1,1x1")]
    [InlineData("-restart 1")]
    [InlineData("-restart 1B")]
    [InlineData("-restart 3B -sample 1x1")]
    [InlineData("-restart 2B -progressive")]
    [InlineData("-restart 1 -progressive -sample 2x1")]
    public void Every_mode_of_cjpeg_gives_the_pixels_of_libjpeg(string mode)
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        foreach ((int width, int height) in Sizes.AsSpan(3, 3))
        {
            AssertSame(LibjpegPrograms.Run("cjpeg", mode, TestPattern.Ppm(width, height, seed: height)), $"{width}x{height} {mode}");
        }
    }

    [SkippableTheory]
    [InlineData("0; 1; 2;", "2x2")]
    [InlineData("0; 1; 2;", "4x4")]
    [InlineData("0; 1 2;", "2x1")]
    [InlineData("0 1; 2;", "4x2,2x1,1x4")]
    [InlineData("0 1 2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;", "2x2")]
    [InlineData("0: 0-0, 0, 3; 1: 0-0, 0, 0; 2: 0-0, 0, 0; 0: 0-0, 3, 2; 0: 0-0, 2, 1; 0: 0-0, 1, 0; 0: 1-2, 0, 1; 0: 3-63, 0, 2; "
        + "0: 3-63, 2, 1; 0: 1-63, 1, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 4; 2: 1-63, 4, 3; 2: 1-63, 3, 2; 2: 1-63, 2, 1; 2: 1-63, 1, 0;",
        "4x4,1x1,2x2")]
    public void Every_scan_script_gives_the_pixels_of_libjpeg(string scans, string sampling)
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        string script = Path.GetTempFileName();
        try
        {
            File.WriteAllText(script, scans);
            foreach ((int width, int height) in Sizes.AsSpan(3, 3))
            {
                byte[] ppm = TestPattern.Ppm(width, height, seed: 3);
                string arguments = $"-quality 90 -sample {sampling} -scans {script}";
                AssertSame(LibjpegPrograms.Run("cjpeg", arguments, ppm), $"{width}x{height}");
                AssertSame(LibjpegPrograms.Run("cjpeg", $"-restart 2B {arguments}", ppm), $"{width}x{height} restart");
            }
        }
        finally
        {
            File.Delete(script);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Samplings))]
    public void Scaled_decoding_gives_the_pixels_of_libjpeg(string sampling)
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        foreach ((int width, int height) in Sizes)
        {
            byte[] ppm = TestPattern.Ppm(width, height, seed: width);
            foreach (string mode in new[] { "", "-progressive", "-grayscale", "-restart 1B -quality 20" })
            {
                byte[] jpeg = LibjpegPrograms.Run("cjpeg", $"{mode} -sample {sampling}", ppm);
                for (int denominator = 2; denominator <= 8; denominator *= 2)
                {
                    Image expected = LibjpegPrograms.TolerantDjpeg(jpeg, $"-scale 1/{denominator}");
                    ImageDecoderOptions options = ScaledTo(expected.Width, expected.Height);
                    if (options.TargetWidth == 0 || options.TargetHeight == 0
                        || ((expected.Width + 1) / 2 >= JpegPlan.MinRatio * options.TargetWidth
                            && (expected.Height + 1) / 2 >= JpegPlan.MinRatio * options.TargetHeight))
                    {
                        // So few pixels that no target selects this scale.
                        continue;
                    }

                    // The largest target that this scale is still used for.
                    Image actual = JpegDecoder.Decode(jpeg, options);
                    AssertSame(expected, actual, $"{width}x{height} {sampling} {mode} 1/{denominator}");
                }
            }
        }
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("-progressive")]
    [InlineData("-sample 1x1 -progressive")]
    [InlineData("-sample 1x2,2x1,1x1")]
    [InlineData("-grayscale")]
    public void Gray_decoding_gives_the_luma_of_libjpeg(string mode)
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        byte[] jpeg = LibjpegPrograms.Run("cjpeg", mode, TestPattern.Ppm(75, 53, seed: 9));
        foreach (int denominator in new[] { 1, 2, 4, 8 })
        {
            Image expected = LibjpegPrograms.TolerantDjpeg(jpeg, $"-grayscale -scale 1/{denominator}");
            ImageDecoderOptions options = ScaledTo(expected.Width, expected.Height) with { TargetColor = ColorMode.Gray };
            AssertSame(expected, JpegDecoder.Decode(jpeg, options), $"{mode} 1/{denominator}");
        }
    }

    [SkippableTheory]
    [InlineData("-rotate 90")]
    [InlineData("-transverse -progressive")]
    [InlineData("-transpose -restart 1B")]
    [InlineData("-flip horizontal -optimize")]
    [InlineData("-grayscale")]
    public void Files_of_jpegtran_give_the_pixels_of_libjpeg(string transformation)
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg", "jpegtran");
        byte[] jpeg = LibjpegPrograms.Run("cjpeg", "-sample 2x1", TestPattern.Ppm(45, 37, seed: 5));
        AssertSame(LibjpegPrograms.Run("jpegtran", transformation, jpeg), transformation);
    }

    [SkippableFact]
    public void Files_of_the_test_encoder_give_the_pixels_of_libjpeg()
    {
        LibjpegPrograms.SkipWithout("djpeg");
        int[][] factors = [[1, 1, 1], [2, 1, 1], [1, 2, 1], [2, 2, 1], [4, 1, 2], [3, 1, 1], [4, 2, 4], [2, 2, 2], [1, 4, 2]];
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new SeededRandom(seed);
            int count = new[] { 1, 3, 4 }[seed % 3];
            int[] horizontal = factors[random.NextInt32(factors.Length)];
            int[] vertical = factors[random.NextInt32(factors.Length)];
            var components = new TestJpegComponent[count];
            for (int i = 0; i < count; i++)
            {
                Func<int, int, double> plane = TestPattern.Plane(seed + i);
                components[i] = new TestJpegComponent(10 * i + 5, horizontal[i % 3], vertical[i % 3], plane)
                {
                    Quantizer = 1 + random.NextInt32(20),
                };
            }

            var encoder = new TestJpegEncoder(1 + random.NextInt32(50), 1 + random.NextInt32(50), components)
            {
                IsInterleaved = components.Sum(c => c.Horizontal * c.Vertical) <= 10 && random.NextInt32(3) > 0,
                RestartInterval = random.NextInt32(4),
                AdobeTransform = count == 4 ? 2 * random.NextInt32(2) : count == 3 ? random.NextInt32(2) : null,
                HasLongCodes = random.NextInt32(2) == 0,
                FrameMarker = (byte)(0xC0 + random.NextInt32(2)),
            };
            AssertSame(encoder.Encode(), $"seed {seed}");
        }
    }

    [SkippableTheory]
    [InlineData(1, 2, 3, null, false)]
    [InlineData('R', 'G', 'B', null, false)]
    [InlineData('R', 'G', 'B', null, true)]
    [InlineData('R', 'G', 'B', 1, false)]
    [InlineData(1, 2, 3, 0, false)]
    [InlineData(1, 2, 3, 0, true)]
    public void The_color_space_is_detected_as_in_libjpeg(int first, int second, int third, int? adobe, bool jfif)
    {
        LibjpegPrograms.SkipWithout("djpeg");
        var encoder = new TestJpegEncoder(
            20,
            10,
            new TestJpegComponent(first, 1, 1, TestPattern.Plane(1)),
            new TestJpegComponent(second, 1, 1, TestPattern.Plane(2)),
            new TestJpegComponent(third, 1, 1, TestPattern.Plane(3)))
        {
            HasJfif = jfif,
            AdobeTransform = adobe,
        };
        AssertSame(encoder.Encode(), "colors");
    }

    [SkippableTheory]
    [InlineData("fashion-products-224")]
    [InlineData("fashion-products-60x80")]
    public void Photographs_give_the_pixels_of_libjpeg(string archive)
    {
        LibjpegPrograms.SkipWithout("djpeg");
        int compared = 0;
        foreach ((string name, byte[] jpeg) in RealImages(archive).Take(100))
        {
            AssertSame(jpeg, name);
            compared++;
        }

        Assert.Equal(100, compared);
    }

    private static void AssertSame(byte[] jpeg, string what)
    {
        Image expected = LibjpegPrograms.Djpeg(jpeg);
        AssertSame(expected, JpegDecoder.Decode(jpeg, ImageDecoderOptions.Default), what);
    }

    private static ImageDecoderOptions ScaledTo(int width, int height) => new()
    {
        TargetWidth = width / JpegPlan.MinRatio,
        TargetHeight = height / JpegPlan.MinRatio,
    };

    private static void AssertSame(Image expected, Image actual, string what)
    {
        Assert.Equal((expected.Width, expected.Height, expected.Channels), (actual.Width, actual.Height, actual.Channels));
        int worst = 0;
        int different = 0;
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            int difference = Math.Abs(expected.Pixels[i] - actual.Pixels[i]);
            worst = Math.Max(worst, difference);
            different += difference > 0 ? 1 : 0;
        }

        Assert.True(different == 0, $"{what}: {different} of {expected.Pixels.Length} values differ, by up to {worst}.");
    }

    /// <summary>The JPEG files of a data set in the folder SIMNET_DATA, unpacked or in its archive.</summary>
    private static IEnumerable<(string Name, byte[] Jpeg)> RealImages(string name)
    {
        string? data = Environment.GetEnvironmentVariable("SIMNET_DATA");
        Skip.If(string.IsNullOrEmpty(data), "The environment variable SIMNET_DATA is not set to a folder of data sets.");
        string folder = Path.Combine(data!, name, "images");
        if (Directory.Exists(folder))
        {
            return Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal).Select(path => (path, File.ReadAllBytes(path)));
        }

        string archive = Path.Combine(data!, name + ".tar.gz");
        Skip.If(!File.Exists(archive), $"Neither {folder} nor {archive} exists.");
        return ReadArchive(archive);
    }

    private static IEnumerable<(string Name, byte[] Jpeg)> ReadArchive(string path)
    {
        using var reader = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.GetNextEntry() is TarEntry entry)
        {
            if (entry.DataStream is not null && entry.Name.EndsWith(".jpg", StringComparison.Ordinal))
            {
                var bytes = new MemoryStream();
                entry.DataStream.CopyTo(bytes);
                yield return (entry.Name, bytes.ToArray());
            }
        }
    }
}
