namespace SimNet.Embeddings.Tests;

public class PngDecoderTests
{
    public static TheoryData<int, int, bool, bool> Kinds()
    {
        var kinds = new TheoryData<int, int, bool, bool>();
        foreach ((int colorType, int bitDepth) in TestPng.Kinds)
        {
            kinds.Add(colorType, bitDepth, false, false);
            kinds.Add(colorType, bitDepth, true, false);
            if (colorType <= 3)
            {
                kinds.Add(colorType, bitDepth, false, true);
                kinds.Add(colorType, bitDepth, true, true);
            }
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_size_and_filter_round_trips(int colorType, int bitDepth, bool interlaced, bool transparent)
    {
        var random = new Random((colorType * 100) + bitDepth);
        for (int size = 1; size <= 33; size++)
        {
            for (int filter = 0; filter <= 5; filter++)
            {
                (int width, int height) = filter < 3 ? (size, random.Next(1, 12)) : (random.Next(1, 12), size);
                TestPng png = TestPng.Random(width, height, colorType, bitDepth, transparent, random)
                    with
                { Interlaced = interlaced, Filter = filter, ChunkLength = size };
                TestImages.AssertSame(png.Expected(), Decode(png.ToFile()));
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void Pixels_and_alpha_equal_those_of_libpng(int colorType, int bitDepth, bool interlaced, bool transparent)
    {
        var random = new Random((colorType * 100) + bitDepth + 7);
        foreach ((int width, int height) in new[] { (1, 1), (3, 7), (8, 8), (33, 17) })
        {
            TestPng png = TestPng.Random(width, height, colorType, bitDepth, transparent, random) with { Interlaced = interlaced };
            byte[] file = png.ToFile();
            Image image = Decode(file);
            (int largest, int[] colors) = LibpngPrograms.Read(file);

            // pngtopnm of Netpbm 11.1 ignores the transparent color of RGB images; ImageMagick does not.
            (int opaque, int[] alphas) = colorType == 2 && transparent
                ? (255, [.. LibpngPrograms.ImageMagick(file, "png:-", "-alpha", "extract", "-depth", "8", "gray:-").Select(a => (int)a)])
                : LibpngPrograms.Read(file, "-alpha");
            int per = colors.Length / (width * height);
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                int pixel = i / image.Channels, channel = per == 1 ? 0 : i % 3;
                double alpha = alphas[pixel] / (double)opaque, value = colors[(pixel * per) + channel] / (double)largest;
                Assert.Equal((int)Math.Floor((255 * ((value * alpha) + 1 - alpha)) + 0.5), image.Pixels[i]);
            }
        }
    }

    [Fact]
    public void Samples_of_16_bits_are_scaled_and_rounded()
    {
        int[] samples = [0, 127, 128, 129, 256, 257, 385, 386, 32767, 32768, 65406, 65407, 65535];
        Image image = Decode((new TestPng(samples.Length, 1, 0, 16) { Samples = samples }).ToFile());
        Assert.Equal(samples.Select(sample => (byte)Math.Round(sample / 257.0)), image.Pixels.ToArray());
        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 2, 127, 128, 254, 255, 255], image.Pixels.ToArray());
    }

    [Fact]
    public void Alpha_is_blended_onto_white_and_rounded_to_nearest()
    {
        int[] samples = [.. Enumerable.Range(0, 65536).SelectMany(i => new[] { i >> 8, i & 255 })];
        var png = new TestPng(256, 256, 4, 8) { Samples = samples };
        TestImages.AssertSame(png.Expected(), Decode(png.ToFile()));
    }

    [Fact]
    public void Gray_has_one_channel_and_a_gray_palette_is_rgb()
    {
        Assert.Equal(1, Decode((new TestPng(1, 1, 0, 1) { Samples = [1] }).ToFile()).Channels);
        Assert.Equal(1, Decode((new TestPng(1, 1, 4, 16) { Samples = [1, 2] }).ToFile()).Channels);
        Assert.Equal(3, Decode((new TestPng(1, 1, 3, 1) { Samples = [0], Palette = [5, 5, 5] }).ToFile()).Channels);
    }

    [Fact]
    public void Only_the_low_bits_of_a_transparent_sample_count()
    {
        var png = new TestPng(4, 1, 0, 2) { Samples = [0, 1, 2, 3], Transparency = [0xFF, 0xFD] };
        Assert.Equal([0, 255, 170, 255], Decode(png.ToFile()).Pixels.ToArray());
    }

    [Fact]
    public void Ancillary_and_empty_chunks_and_trailing_bytes_are_ignored()
    {
        TestPng png = TestPng.Random(5, 4, 2, 8, transparent: false, new Random(1));
        byte[][] chunks = [.. png.Chunks()];
        byte[] file =
        [
            .. TestPng.File(
                chunks[0], TestPng.Chunk("gAMA", [0, 0, 0xB1, 0x8F]), TestPng.Chunk("PLTE", new byte[768]),
                TestPng.Chunk("tEXt", [65, 0, 66]), TestPng.Chunk("IDAT", []), chunks[1], TestPng.Chunk("IDAT", []),
                TestPng.Chunk("zzZz", new byte[1000]), chunks[2]),
            1, 2, 3,
        ];
        TestImages.AssertSame(png.Expected(), Decode(file));
    }

    [Theory]
    [InlineData(1, 0, 1, 2, 3, 4, 5)]
    [InlineData(2, 2, 1, 0, 5, 4, 3)]
    [InlineData(3, 5, 4, 3, 2, 1, 0)]
    [InlineData(4, 3, 4, 5, 0, 1, 2)]
    [InlineData(5, 0, 3, 1, 4, 2, 5)]
    [InlineData(6, 3, 0, 4, 1, 5, 2)]
    [InlineData(7, 5, 2, 4, 1, 3, 0)]
    [InlineData(8, 2, 5, 1, 4, 0, 3)]
    [InlineData(9, 0, 1, 2, 3, 4, 5)]
    public void The_exif_orientation_is_applied(byte orientation, params int[] expected)
    {
        byte[] exif = [.. "MM\0*\0\0\0\b\0\u0001"u8, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        byte[][] chunks = [.. (new TestPng(3, 2, 0, 8) { Samples = [0, 1, 2, 3, 4, 5] }).Chunks()];
        byte[] chunk = TestPng.Chunk("eXIf", exif);
        foreach (byte[][] order in new byte[][][] { [chunks[0], chunk, chunks[1], chunks[2]], [chunks[0], chunks[1], chunk, chunks[2]] })
        {
            Image image = Decode(TestPng.File(order));
            Assert.Equal(orientation is >= 5 and <= 8 ? (2, 3) : (3, 2), (image.Width, image.Height));
            Assert.Equal(expected, image.Pixels.ToArray().Select(value => (int)value));
        }
    }



    [SkippableFact]
    public void Files_written_by_libpng_are_decoded()
    {
        Image image = TestImages.Gradient(201, 150, 3);
        foreach (string[] options in new string[][] { [], ["-interlace"] })
        {
            TestImages.AssertSame(image, Decode(LibpngPrograms.Run("pnmtopng", [.. "P6 201 150 255\n"u8, .. image.Pixels], options)));
        }
    }

    private static Image Decode(byte[] file) =>
        ImageDecoder.Default.Decode(file, new ImageDecoderOptions { Background = RgbColor.White });
}
