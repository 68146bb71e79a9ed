namespace SimNet.Embeddings.Tests;

public class PngToleranceTests
{
    private static readonly TestPng Rgb = TestPng.Random(7, 10, 2, 8, transparent: false, new Random(1));
    private static readonly TestPng Indexed = new(4, 1, 3, 2) { Samples = [0, 1, 2, 1], Palette = [1, 2, 3, 4, 5, 6, 7, 8, 9] };
    private static readonly TestPng Gray = TestPng.Random(7, 10, 0, 8, transparent: false, new Random(2));
    private static readonly TestPng Alpha = TestPng.Random(7, 10, 6, 8, transparent: false, new Random(3));
    private static readonly byte[] End = TestPng.Chunk("IEND", []);
    private static readonly byte[] Text = TestPng.Chunk("tEXt", [65, 0, 66]);

    public static TheoryData<string, byte[], string> WholeImages()
    {
        byte[][] rgb = [.. Rgb.Chunks()], indexed = [.. Indexed.Chunks()], gray = [.. Gray.Chunks()], alpha = [.. Alpha.Chunks()];
        byte[] data = TestPng.Compress(Rgb.Scanlines()), file = Rgb.ToFile();
        byte[] empty = TestPng.Chunk("IDAT", []);
        var cases = new TheoryData<string, byte[], string>
        {
            { "rgb", TestPng.File(rgb[0], Damaged("pHYs", new byte[9]), rgb[1], End), "pHYs is damaged" },
            { "rgb", TestPng.File(rgb[0], Damaged("iCCP", new byte[30]), rgb[1], End), "iCCP is damaged" },
            { "rgb", TestPng.File(rgb[0], Damaged("gAMA", [0, 0, 0, 9]), rgb[1], End), "gAMA is damaged" },
            { "rgb", TestPng.File(rgb[0], Damaged("tRNS", new byte[6]), rgb[1], End), "tRNS is damaged" },
            { "rgb", TestPng.File(rgb[0], Damaged("PLTE", new byte[6]), rgb[1], End), "PLTE is damaged" },
            { "rgb", TestPng.File(rgb[0], rgb[1], Damaged("tEXt", [1]), End), "tEXt is damaged" },
            { "rgb", TestPng.File(rgb[0], rgb[1], TestPng.Chunk("ABCD", []), End), "critical chunk ABCD is after" },
            { "rgb", TestPng.File(rgb[0], rgb[1], rgb[0], End), "IHDR is after the image data" },
            { "rgb", TestPng.File(rgb[0], TestPng.Chunk("?b1d", [1]), rgb[1], End), "four ASCII letters" },
            { "rgb", TestPng.File(rgb[0], rgb[1]), "without IEND" },
            { "rgb", TestPng.File(rgb[0], rgb[1], [0, 0, 0]), "3 bytes into a chunk" },
            { "rgb", TestPng.File(rgb[0], rgb[1], End[..8]), "ends within it" },
            { "rgb", TestPng.File(rgb[0], rgb[1], End[..11]), "ends within it" },
            { "rgb", TestPng.File(rgb[0], rgb[1], Text[..^5]), "ends within it" },
            { "rgb", TestPng.File(rgb[0], rgb[1], Damaged("IEND", [])), "CRC) of IEND" },
            { "rgb", TestPng.File(rgb[0], rgb[1], TestPng.Chunk("IEND", [1, 2])), "IEND has 2 bytes" },
            { "rgb", TestPng.File(rgb[0], rgb[1], End, [1, 2, 3]), "3 bytes follow IEND" },
            { "rgb", TestPng.File(rgb[0], Damaged("IDAT", data), End), "CRC) of IDAT" },
            { "rgb", TestPng.File(rgb[0], Damaged("IDAT", data[..20]), TestPng.Chunk("IDAT", data[20..]), End), "CRC) of IDAT" },
            { "rgb", TestPng.File(rgb[0], TestPng.Chunk("IDAT", [.. data[..^1], (byte)~data[^1]]), End), "Adler-32" },
            { "rgb", TestPng.File(rgb[0], TestPng.Chunk("IDAT", data[..^4]), End), "Adler-32" },
            { "rgb", TestPng.File(rgb[0], TestPng.Chunk("IDAT", data[..^2]), End), "Adler-32" },
            { "rgb", file[..^(12 + 4 + 3)], "Adler-32" },
            { "rgb", TestPng.File(rgb[0], TestPng.Chunk("IDAT", [.. data, 7]), End), "bytes after the end" },
            { "rgb", TestPng.File(rgb[0], rgb[1], TestPng.Chunk("IDAT", new byte[100]), End), "bytes after the end" },
            { "rgb", TestPng.File(rgb[0], TestPng.Chunk("IDAT", TestPng.Compress([.. Rgb.Scanlines(), 1, 2])), End), "more image data" },
            { "rgb", TestPng.File(rgb[0], rgb[1], Text, empty, End), "IDAT chunk follows" },
            {
                "rgb",
                TestPng.File(rgb[0], TestPng.Chunk("IDAT", data[..^4]), Text, TestPng.Chunk("IDAT", data[^4..]), End),
                "IDAT chunk follows"
            },
            { "rgb", TestPng.File(rgb[0], TestPng.Chunk("tRNS", new byte[2]), rgb[1], End), "tRNS has 2 bytes" },
            { "rgb", TestPng.File(rgb[0], rgb[1], TestPng.Chunk("tRNS", new byte[6]), End), "after the image data" },
            { "rgb", TestPng.File(rgb[0], TestPng.Chunk("PLTE", new byte[7]), rgb[1], End), "PLTE has 7 bytes" },
            { "rgb", TestPng.File(rgb[0], rgb[1], indexed[1], End), "PLTE is the second, or after" },
            { "alpha", TestPng.File(alpha[0], TestPng.Chunk("tRNS", new byte[6]), alpha[1], End), "alpha channel" },
            { "gray", TestPng.File(gray[0], indexed[1], gray[1], End), "gray image" },
            { "gray", TestPng.File(gray[0], TestPng.Chunk("tRNS", new byte[3]), gray[1], End), "tRNS has 3 bytes" },
            {
                "indexed",
                TestPng.File(indexed[0], TestPng.Chunk("PLTE", [.. Indexed.Palette!, 0, 0, 0, 1, 1, 1]), indexed[2], End),
                "15 bytes"
            },
            { "indexed", TestPng.File(indexed[0], TestPng.Chunk("PLTE", [.. Indexed.Palette!, 0]), indexed[2], End), "10 bytes" },
            { "indexed", TestPng.File(indexed[0], TestPng.Chunk("tRNS", new byte[2]), indexed[1], indexed[2], End), "before PLTE" },
            { "indexed", TestPng.File(indexed[0], indexed[1], TestPng.Chunk("tRNS", new byte[4]), indexed[2], End), "tRNS has 4 bytes" },
            { "indexed", TestPng.File(indexed[0], indexed[1], TestPng.Chunk("tRNS", []), indexed[2], End), "tRNS has 0 bytes" },
        };
        return cases;

        static byte[] Damaged(string type, byte[] content)
        {
            byte[] chunk = TestPng.Chunk(type, content);
            chunk[^1] ^= 1;
            return chunk;
        }
    }

    [Theory]
    [MemberData(nameof(WholeImages))]
    public void A_whole_image_is_read_with_the_blemish_and_refused_if_strict(string image, byte[] file, string blemish)
    {
        TestPng png = image switch { "rgb" => Rgb, "alpha" => Alpha, "gray" => Gray, _ => Indexed };
        foreach (DecodingTolerance tolerance in new[] { DecodingTolerance.Lenient, DecodingTolerance.Salvage })
        {
            Image read = Decode(file, tolerance);
            TestImages.AssertSame(png.Expected(), read);
            Assert.Contains(read.Blemishes, sentence => sentence.Contains(blemish, StringComparison.Ordinal));
        }

        Assert.Throws<ImageFormatException>(() => Decode(file, DecodingTolerance.Strict));
        Assert.Empty(Decode(png.ToFile(), DecodingTolerance.Strict).Blemishes);
    }

    [Fact]
    public void A_palette_index_out_of_range_is_black()
    {
        byte[][] chunks = [.. Indexed.Chunks()];
        Image image = Decode(TestPng.File(chunks[0], TestPng.Chunk("PLTE", [9, 8, 7, 6, 5, 4]), chunks[2], End), default);
        Assert.Equal([9, 8, 7, 6, 5, 4, 0, 0, 0, 6, 5, 4], image.Pixels.ToArray());
        Assert.Contains("palette index 2", Assert.Single(image.Blemishes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Missing_rows_are_refused_with_their_share_and_gray_if_salvaged(bool interlaced)
    {
        TestPng png = TestPng.Random(16, 40, 2, 8, transparent: false, new Random(4)) with { Interlaced = interlaced };
        byte[] file = png.ToFile();
        int last = -1;
        for (int length = 33; length < file.Length - 30; length += 7)
        {
            ImageFormatException error = Assert.Throws<ImageFormatException>(() => Decode(file[..length], default));
            Assert.Equal("cut short", error.Cause);
            try
            {
                Image salvaged = Decode(file[..length], DecodingTolerance.Salvage);
                int percent = Share(error.Problem);
                Assert.True(percent >= last);
                last = percent;
                Image whole = png.Expected();
                int good = 0, gray = 0;
                for (int i = 0; i < whole.Pixels.Length; i += 3)
                {
                    bool isGray = salvaged.Pixels.Slice(i, 3).SequenceEqual<byte>([128, 128, 128]);
                    gray += isGray ? 1 : 0;
                    good += !isGray && salvaged.Pixels.Slice(i, 3).SequenceEqual(whole.Pixels.Slice(i, 3)) ? 1 : 0;
                }

                Assert.Equal(640, good + gray);
                Assert.Equal(percent, 100 * good / 640);
                Assert.Contains(salvaged.Blemishes, sentence => sentence.EndsWith("The rest is gray.", StringComparison.Ordinal));
            }
            catch (ImageFormatException exception)
            {
                Assert.Equal(-1, last);
                Assert.Equal("cut short", exception.Cause);
            }
        }

        Assert.InRange(last, 80, 99);

        static int Share(string problem) =>
            int.Parse(problem.Split(" after ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Damaged_compressed_data_is_refused_or_salvaged_up_to_the_damage()
    {
        TestPng png = TestPng.Random(64, 300, 2, 8, transparent: false, new Random(5));
        byte[] data = TestPng.Compress(png.Scanlines());

        // An invalid block type, or lengths that do not match.
        data.AsSpan(data.Length / 2, 2000).Fill(0xFF);
        byte[] file = TestPng.File(png.Chunks().First(), TestPng.Chunk("IDAT", data), End);
        ImageFormatException error = Assert.Throws<ImageFormatException>(() => Decode(file, default));
        Assert.Equal("damaged", error.Cause);
        Image salvaged = Decode(file, DecodingTolerance.Salvage);
        Assert.True(salvaged.Row(0).SequenceEqual(png.Expected().Row(0)));
        Assert.Equal(-1, salvaged.Row(299).IndexOfAnyExcept((byte)128));
    }

    [Fact]
    public void A_gap_between_image_data_is_refused_or_salvaged()
    {
        TestPng png = TestPng.Random(64, 300, 2, 8, transparent: false, new Random(6));
        byte[] data = TestPng.Compress(png.Scanlines());
        byte[] file = TestPng.File(
            png.Chunks().First(), TestPng.Chunk("IDAT", data[..20000]), Text, TestPng.Chunk("IDAT", data[20000..]), End);
        ImageFormatException error = Assert.Throws<ImageFormatException>(() => Decode(file, default));
        Assert.Contains("another chunk is between", error.Problem, StringComparison.Ordinal);
        Image salvaged = Decode(file, DecodingTolerance.Salvage);
        Assert.True(salvaged.Row(50).SequenceEqual(png.Expected().Row(50)));
        Assert.Equal(-1, salvaged.Row(200).IndexOfAnyExcept((byte)128));
    }

    [Fact]
    public void Nothing_is_salvaged_from_a_file_without_a_row()
    {
        byte[] file = Rgb.ToFile();
        for (int length = 0; length < 50; length++)
        {
            Assert.Throws<ImageFormatException>(() => Decode(file[..length], DecodingTolerance.Salvage));
        }

        // A huge image, of which no row is there, takes no memory.
        byte[] header = (Rgb with { Width = 8000, Height = 8000 }).Header();
        byte[] empty = TestPng.File(TestPng.Chunk("IHDR", header), TestPng.Chunk("IDAT", TestPng.Compress(new byte[100])), End);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ImageFormatException>(() => Decode(empty, DecodingTolerance.Salvage));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(2, 8, false)]
    [InlineData(2, 8, true)]
    [InlineData(6, 16, false)]
    [InlineData(6, 16, true)]
    public void A_long_single_row_takes_little_memory_besides_its_pixels(int colorType, int bitDepth, bool interlaced)
    {
        const int Width = 300_007;
        for (int filter = 0; filter <= 4; filter++)
        {
            TestPng random = TestPng.Random(Width, 1, colorType, bitDepth, transparent: false, new Random(7));
            TestPng png = random with { Interlaced = interlaced, Filter = filter };
            byte[] file = png.ToFile();
            Image expected = png.Expected();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Image image = Decode(file, default);
            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            TestImages.AssertSame(expected, image);
            int parts = (2 * 65544 * 8) + (65544 * 3);
            Assert.InRange(taken, image.Pixels.Length, image.Pixels.Length + file.Length + parts + 300_000);
        }
    }

    [Fact]
    public void Memory_is_reserved_before_and_given_back_after()
    {
        byte[] file = Rgb.ToFile();
        var small = new ImageDecoderOptions { Memory = new MemoryBudget(210) };
        Assert.Equal("too large", Assert.Throws<ImageFormatException>(() => ImageDecoder.Default.Decode(file, small)).Cause);
        var enough = new ImageDecoderOptions { Memory = new MemoryBudget(1000) };
        for (int i = 0; i < 10; i++)
        {
            ImageDecoder.Default.Decode(file, enough);
            Assert.Throws<ImageFormatException>(() => ImageDecoder.Default.Decode(file.AsSpan(0, 60), enough));
        }

        enough.Memory.Reserve(1000).Dispose();
    }

    [SkippableTheory]
    [InlineData("png-ancillary-crc--image-png-cicp_pq.png", true)]
    [InlineData("png-bad_adler.png", true)]
    [InlineData("png-bad_crc_iend.png", true)]
    [InlineData("png-bad_crc_phys.png", true)]
    [InlineData("png-chunk_name_nonletter.png", true)]
    [InlineData("png-cut-in-iend--pillow-truncated_end_chunk.png", true)]
    [InlineData("png-extra_row_in_idat.png", true)]
    [InlineData("png-iccp-crc--image-png-430.png", true)]
    [InlineData("png-iccp_bad_crc.png", true)]
    [InlineData("png-iend_with_data.png", true)]
    [InlineData("png-missing_iend.png", true)]
    [InlineData("png-palette-index--image-png.png", true)]
    [InlineData("png-plte_256_in_4bit.png", true)]
    [InlineData("png-plte_in_grey.png", true)]
    [InlineData("png-text_between_idat.png", false)]
    [InlineData("png-trns_before_plte.png", true)]
    [InlineData("png-trns_in_rgb_short.png", true)]
    [InlineData("png-trns_in_rgba.png", true)]
    public void Files_from_the_wild_are_read_or_refused_as_browsers_do(string name, bool isRead)
    {
        byte[] file = File.ReadAllBytes(TestData.Require(Path.Combine("cases", "pictures", name)));
        Assert.Throws<ImageFormatException>(() => Decode(file, DecodingTolerance.Strict));
        Assert.NotEmpty(Decode(file, DecodingTolerance.Salvage).Blemishes);
        if (isRead)
        {
            Assert.NotEmpty(Decode(file, DecodingTolerance.Lenient).Blemishes);
        }
        else
        {
            Assert.Throws<ImageFormatException>(() => Decode(file, DecodingTolerance.Lenient));
        }
    }

    private static Image Decode(byte[] file, DecodingTolerance tolerance) =>
        ImageDecoder.Default.Decode(file, new ImageDecoderOptions { Tolerance = tolerance, Background = RgbColor.White });
}
