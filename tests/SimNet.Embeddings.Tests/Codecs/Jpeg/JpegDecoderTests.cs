using System.Security.Cryptography;

namespace SimNet.Embeddings.Tests;

/// <summary>Compares the decoder with the formulas of ITU T.81 and T.871 in double precision.</summary>
public class JpegDecoderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 8)]
    [InlineData(7, 9)]
    [InlineData(33, 17)]
    public void Gray_images_are_the_inverse_dct_of_their_coefficients(int width, int height)
    {
        foreach (bool hasLongCodes in new[] { false, true })
        {
            var component = new TestJpegComponent(1, 2, 3, TestPattern.Plane(1));
            var encoder = new TestJpegEncoder(width, height, component) { HasLongCodes = hasLongCodes };
            Image image = Decode(encoder.Encode());

            Assert.Equal((width, height, 1), (image.Width, image.Height, image.Channels));
            AssertNear(encoder.DecodedPlane(0), image, channel: 0, tolerance: 1);
        }
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    [InlineData(false, 2)]
    public void Scan_layout_and_restart_interval_do_not_change_the_samples(bool isInterleaved, int restartInterval)
    {
        // RGB, so that each channel is one component. A wrong block order, or a prediction that survives a restart, changes the samples.
        var encoder = new TestJpegEncoder(
            37,
            27,
            new TestJpegComponent('R', 2, 2, TestPattern.Plane(1)),
            new TestJpegComponent('G', 1, 2, TestPattern.Plane(2)) { Quantizer = 5 },
            new TestJpegComponent('B', 2, 1, TestPattern.Plane(3)) { Quantizer = 1 })
        {
            IsInterleaved = isInterleaved,
            RestartInterval = restartInterval,
        };
        Image image = Decode(encoder.Encode());

        AssertNear(encoder.DecodedPlane(0), image, 0, tolerance: 1);
        AssertNear(Triangle(encoder.DecodedPlane(1), 37, 27, doublesWidth: true, doublesHeight: false), image, 1, tolerance: 1.5);
        AssertNear(Triangle(encoder.DecodedPlane(2), 37, 27, doublesWidth: false, doublesHeight: true), image, 2, tolerance: 1.5);
    }

    [Fact]
    public void Restart_markers_wrap_around_after_eight()
    {
        var encoder = new TestJpegEncoder(160, 16, new TestJpegComponent(1, 1, 1, TestPattern.Plane(4))) { RestartInterval = 1 };
        AssertNear(encoder.DecodedPlane(0), Decode(encoder.Encode()), 0, tolerance: 1);
    }

    [Fact]
    public void Subsampled_chroma_is_interpolated_and_converted_to_rgb()
    {
        TestJpegEncoder encoder = TestPattern.YCbCr(35, 21, 2, 2);
        double[,] luma = encoder.DecodedPlane(0);
        double[,] cb = Triangle(encoder.DecodedPlane(1), 35, 21, doublesWidth: true, doublesHeight: true);
        double[,] cr = Triangle(encoder.DecodedPlane(2), 35, 21, doublesWidth: true, doublesHeight: true);
        var expected = new double[3][,];
        for (int channel = 0; channel < 3; channel++)
        {
            expected[channel] = new double[21, 35];
            for (int y = 0; y < 21; y++)
            {
                for (int x = 0; x < 35; x++)
                {
                    // ITU T.871, section 7.
                    double value = luma[y, x] + channel switch
                    {
                        0 => 1.402 * (cr[y, x] - 128),
                        1 => -0.344136 * (cb[y, x] - 128) - 0.714136 * (cr[y, x] - 128),
                        _ => 1.772 * (cb[y, x] - 128),
                    };
                    expected[channel][y, x] = Math.Clamp(value, 0, 255);
                }
            }
        }

        Image image = Decode(encoder.Encode());
        for (int channel = 0; channel < 3; channel++)
        {
            AssertNear(expected[channel], image, channel, tolerance: 4);
        }
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(1, 4)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public void Other_sampling_factors_repeat_samples(int factor, int other)
    {
        // Includes the ratio of 3 to 2, which libjpeg does not support.
        var encoder = new TestJpegEncoder(
            41,
            29,
            new TestJpegComponent('R', factor, 1, TestPattern.Plane(1)),
            new TestJpegComponent('G', other, 1, TestPattern.Plane(2)),
            new TestJpegComponent('B', 1, 1, TestPattern.Plane(3)));
        Image image = Decode(encoder.Encode());
        int max = Math.Max(factor, other);
        int[] factors = [factor, other, 1];
        for (int channel = 0; channel < 3; channel++)
        {
            double[,] plane = encoder.DecodedPlane(channel);
            var expected = new double[29, 41];
            for (int y = 0; y < 29; y++)
            {
                for (int x = 0; x < 41; x++)
                {
                    expected[y, x] = plane[y, x * factors[channel] / max];
                }
            }

            AssertNear(expected, image, channel, tolerance: 1);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Inverted_cmyk_and_ycck_are_converted_to_rgb(int adobeTransform)
    {
        var encoder = new TestJpegEncoder(
            19,
            11,
            [.. Enumerable.Range(1, 4).Select(id => new TestJpegComponent(id, 1, 1, TestPattern.Plane(id)) { Quantizer = 1 })])
        {
            AdobeTransform = adobeTransform,
        };
        double[][,] planes = [.. Enumerable.Range(0, 4).Select(encoder.DecodedPlane)];
        Image image = Decode(encoder.Encode());

        for (int channel = 0; channel < 3; channel++)
        {
            var expected = new double[11, 19];
            for (int y = 0; y < 11; y++)
            {
                for (int x = 0; x < 19; x++)
                {
                    double ink = planes[channel][y, x];
                    if (adobeTransform == 2)
                    {
                        double cb = planes[1][y, x] - 128;
                        double cr = planes[2][y, x] - 128;
                        double chroma = channel switch { 0 => 1.402 * cr, 1 => -0.344136 * cb - 0.714136 * cr, _ => 1.772 * cb };
                        ink = 255 - Math.Clamp(planes[0][y, x] + chroma, 0, 255);
                    }

                    expected[y, x] = ink * planes[3][y, x] / 255;
                }
            }

            AssertNear(expected, image, channel, tolerance: adobeTransform == 2 ? 4 : 2);
        }
    }

    [Fact]
    public void Progressive_files_give_the_pixels_of_the_sequential_file()
    {
        // The same coefficients, coded with successive approximation, with spectral selection only, and sequentially.
        Image sequential = Decode(StoredJpegs.Sequential);
        Assert.Equal((23, 17, 3), (sequential.Width, sequential.Height, sequential.Channels));
        Assert.Equal(sequential.Pixels, Decode(StoredJpegs.Progressive).Pixels);
        Assert.Equal(sequential.Pixels, Decode(StoredJpegs.ProgressiveWithRestarts).Pixels);
    }

    [Fact]
    public void The_stored_file_gives_the_pixels_of_libjpeg() =>
        Assert.Equal(StoredJpegs.PixelsSha256, Convert.ToHexString(SHA256.HashData(Decode(StoredJpegs.Sequential).Pixels)));

    [Fact]
    public void Extra_bytes_between_segments_and_after_the_end_are_ignored()
    {
        byte[] jpeg = TestPattern.YCbCr(20, 20, 2, 1).Encode();
        Image expected = Decode(jpeg);
        int frame = jpeg.AsSpan().IndexOf((byte[])[0xFF, 0xC0]);
        byte[] padded = [.. jpeg[..frame], 1, 2, 0xFF, 0, 3, 0xFF, 0xFF, 0xFF, .. jpeg[frame..^2], 0xFF, .. jpeg[^2..], 0xFF, 0xD8, 7];
        Assert.Equal(expected.Pixels, Decode(padded).Pixels);
    }

    [Fact]
    public void A_restart_marker_after_the_last_interval_is_ignored()
    {
        byte[] jpeg = TestPattern.YCbCr(20, 20, 1, 1).Encode();

        Assert.Equal(Decode(jpeg).Pixels, Decode([.. jpeg[..^2], 0xFF, 0xD0, .. jpeg[^2..]]).Pixels);
    }

    [Fact]
    public void Concurrent_decoding_gives_the_same_pixels()
    {
        byte[][] jpegs =
        [
            .. Enumerable.Range(1, 8).Select(i => TestPattern.YCbCr(16 * i, 50, 1 + i % 2, 1 + i % 2, seed: i).Encode()),
            StoredJpegs.Progressive,
        ];
        Image[] expected = [.. jpegs.Select(Decode)];
        Parallel.For(0, 500, i => Assert.Equal(expected[i % jpegs.Length].Pixels, Decode(jpegs[i % jpegs.Length]).Pixels));
    }

    /// <summary>The triangle filter by its definition: 3/4 of the nearer and 1/4 of the farther sample, in each direction.</summary>
    private static double[,] Triangle(double[,] plane, int width, int height, bool doublesWidth, bool doublesHeight)
    {
        int lastY = plane.GetLength(0) - 1;
        int lastX = plane.GetLength(1) - 1;
        var result = new double[height, width];
        for (int y = 0; y < height; y++)
        {
            (int nearY, int farY) = doublesHeight ? (y / 2, Math.Clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, lastY)) : (y, y);
            for (int x = 0; x < width; x++)
            {
                (int nearX, int farX) = doublesWidth ? (x / 2, Math.Clamp(x / 2 + (x % 2 == 0 ? -1 : 1), 0, lastX)) : (x, x);
                result[y, x] = (9 * plane[nearY, nearX] + 3 * plane[nearY, farX] + 3 * plane[farY, nearX] + plane[farY, farX]) / 16;
            }
        }

        return result;
    }

    private static void AssertNear(double[,] expected, Image image, int channel, double tolerance)
    {
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                int actual = image.Row(y)[x * image.Channels + channel];
                Assert.True(
                    Math.Abs(expected[y, x] - actual) <= tolerance,
                    $"Channel {channel} at ({x}, {y}) is {actual}; expected {expected[y, x]:F2} within {tolerance}.");
            }
        }
    }

    private static Image Decode(byte[] jpeg) => JpegDecoder.Decode(jpeg, ImageDecoderOptions.Default);
}
