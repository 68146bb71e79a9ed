using SimNet.Testing;

namespace SimNet.Embeddings.Tests;

/// <summary>
/// Tests files with blemishes: what is read, under which tolerance, and that the pixels are those of libjpeg, which goes on the same way.
/// </summary>
public class JpegToleranceTests
{
    private static readonly byte[] Whole = TestPattern.YCbCr(50, 70, 2, 2).Encode();

    [Fact]
    public void A_file_without_blemishes_has_none() => Assert.Empty(Decode(Whole, DecodingTolerance.Strict).Blemishes);

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void A_missing_end_marker_is_a_blemish(int cut)
    {
        Image image = AssertBlemish(Whole[..^cut], "end-of-image marker");
        Assert.Equal(Decode(Whole).Pixels, image.Pixels);
        AssertBlemish(StoredJpegs.Progressive[..^cut], "end-of-image marker");
    }

    [Fact]
    public void A_trailer_in_place_of_the_end_marker_is_a_blemish()
    {
        byte[] jpeg = [.. Whole[..^2], 0, 0, 1, 10, 14, 0, 0, 0, .. "Image_UTC_Data"u8, 0xFF, 0xC0, 9, 9, 9, .. "SEFT"u8];
        Assert.Equal(Decode(Whole).Pixels, AssertBlemish(jpeg, "end-of-image marker").Pixels);
    }

    [Fact]
    public void Bytes_after_the_end_marker_are_no_blemish() =>
        Assert.Empty(Decode([.. Whole, 1, 2, 3, .. Whole], DecodingTolerance.Strict).Blemishes);

    [Fact]
    public void A_height_in_a_dnl_segment_is_read()
    {
        byte[] deferred = [.. Whole];
        int frame = deferred.AsSpan().IndexOf((byte[])[0xFF, 0xC0]);
        (deferred[frame + 5], deferred[frame + 6]) = (0, 0);
        Image image = AssertBlemish([.. deferred[..^2], 0xFF, 0xDC, 0, 4, 0, 70, 0xFF, 0xD9], "DNL");
        Assert.Equal(Decode(Whole).Pixels, image.Pixels);
    }

    [Fact]
    public void Components_with_one_identifier_are_taken_in_order()
    {
        foreach (bool isInterleaved in new[] { true, false })
        {
            byte[] Encode(params int[] ids) => new TestJpegEncoder(
                40, 30, [.. ids.Select((id, i) => new TestJpegComponent(id, i == 0 ? 2 : 1, 1, TestPattern.Plane(i)))])
            {
                IsInterleaved = isInterleaved,
                HasJfif = true,
            }.Encode();
            Assert.Equal(Decode(Encode(1, 2, 3)).Pixels, AssertBlemish(Encode(1, 1, 1), "identifier 1").Pixels);
        }
    }

    [SkippableFact]
    public void Missing_huffman_tables_are_those_of_the_standard()
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        byte[] jpeg = LibjpegPrograms.Run("cjpeg", "-quality 95", TestPattern.Ppm(60, 44, seed: 1));
        byte[] without = WithoutSegments(jpeg, 0xC4);
        Assert.True(without.Length < jpeg.Length - 400);
        Assert.Equal(Decode(jpeg).Pixels, AssertBlemish(without, "Huffman tables").Pixels);
        AssertLikeLibjpeg(without);
    }

    [SkippableFact]
    public void Fill_bytes_in_a_scan_and_before_markers_are_skipped()
    {
        LibjpegPrograms.SkipWithout("djpeg");
        (byte[] jpeg, int stuffed) = Enumerable.Range(1, 100)
            .Select(seed => TestPattern.YCbCr(50, 70, 2, 2, seed).Encode())
            .Select(jpeg => (jpeg, stuffed: jpeg.AsSpan().LastIndexOf((byte[])[0xFF, 0x00])))
            .First(file => file.stuffed > Positions(file.jpeg, 0xDA)[0] + 14);
        byte[] filled = [.. jpeg[..stuffed], 0xFF, 0xFF, .. jpeg[stuffed..^2], 0xFF, .. jpeg[^2..]];
        Assert.Equal(Decode(jpeg).Pixels, AssertBlemish(filled, "fill bytes").Pixels);
        AssertLikeLibjpeg(filled);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_wrong_restart_marker_is_resynchronized_as_in_libjpeg(int number)
    {
        LibjpegPrograms.SkipWithout("djpeg");
        foreach (byte[] jpeg in Restarting())
        {
            foreach (int index in new[] { 3, 6 })
            {
                byte[] wrong = [.. jpeg];
                wrong[RestartMarkers(jpeg)[index] + 1] = (byte)(0xD0 + number);
                Image image = number == index ? Decode(wrong, DecodingTolerance.Strict) : AssertBlemish(wrong, "estart marker");
                AssertSame(LibjpegPrograms.TolerantDjpeg(wrong), image);
            }
        }
    }

    [SkippableFact]
    public void A_missing_restart_marker_is_resynchronized_as_in_libjpeg()
    {
        LibjpegPrograms.SkipWithout("djpeg");
        foreach (byte[] jpeg in Restarting())
        {
            foreach (int position in RestartMarkers(jpeg)[..^2])
            {
                byte[] missing = [.. jpeg[..position], .. jpeg[(position + 2)..]];
                AssertSame(LibjpegPrograms.TolerantDjpeg(missing), AssertBlemish(missing, "estart marker"));
            }
        }
    }

    [Fact]
    public void A_restart_marker_too_many_is_a_blemish()
    {
        byte[] jpeg = Restarting().First();
        int position = RestartMarkers(jpeg)[4];
        AssertBlemish([.. jpeg[..position], .. jpeg[position..(position + 2)], .. jpeg[position..]], "estart marker");
    }

    [SkippableFact]
    public void Progressive_files_that_lack_scans_are_read_without_them()
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        byte[] jpeg = LibjpegPrograms.Run("cjpeg", "-progressive -quality 80", TestPattern.Ppm(48, 40, seed: 2));
        int[] scans = Positions(jpeg, 0xDA);
        Assert.Equal(10, scans.Length);

        // The first scan has the DC coefficients; the last ones refine. Without the others, their refinements would be without sense.
        foreach (int first in new[] { 0, 6, 7, 8, 9 })
        {
            byte[] lacking = [.. jpeg[..scans[first]], .. jpeg[EndOfScan(jpeg, scans[first])..]];
            Image image = AssertBlemish(lacking, "lacks scans", orElse: "missing before");
            Assert.Equal((48, 40), (image.Width, image.Height));
            if (first == 0)
            {
                // libjpeg smooths the others, as long as there are DC coefficients.
                AssertSame(LibjpegPrograms.TolerantDjpeg(lacking), image);
            }
        }
    }

    [Fact]
    public void Unused_bytes_in_a_scan_are_a_blemish()
    {
        byte[] jpeg = [.. Whole[..^2], 1, 2, 3, 4, .. Whole[^2..]];
        Assert.Equal(Decode(Whole).Pixels, AssertBlemish(jpeg, "4 bytes more").Pixels);
    }

    [Fact]
    public void Bytes_between_segments_are_a_blemish()
    {
        int frame = Whole.AsSpan().IndexOf((byte[])[0xFF, 0xC0]);
        Assert.Equal(Decode(Whole).Pixels, AssertBlemish([.. Whole[..frame], 1, 2, .. Whole[frame..]], "2 bytes between").Pixels);
    }

    [SkippableFact]
    public void A_file_that_is_cut_short_is_an_error_with_the_share_that_is_there()
    {
        LibjpegPrograms.SkipWithout("djpeg");
        int scan = Whole.AsSpan().IndexOf((byte[])[0xFF, 0xDA]) + 14;
        for (int length = scan + 60; length < Whole.Length - 40; length += 37)
        {
            byte[] cut = Whole[..length];
            ImageFormatException exception = Assert.Throws<ImageFormatException>(() => Decode(cut));
            Assert.Equal("cut short", exception.Cause);
            Assert.Matches(@"cut short after \d+ % of the rows", exception.Problem);
            Assert.Throws<ImageFormatException>(() => Decode(cut, DecodingTolerance.Strict));

            Image salvaged = Decode(cut, DecodingTolerance.Salvage);
            Assert.Contains(salvaged.Blemishes, sentence => sentence.Contains("cut short", StringComparison.Ordinal));
            AssertSame(LibjpegPrograms.TolerantDjpeg(cut), salvaged);
        }

        Assert.Contains("after 80 % of the rows", Problem(Whole[..^200]), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_is_left_of_scans_is_salvaged_as_libjpeg_does()
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        byte[] ppm = TestPattern.Ppm(90, 75, seed: 4);
        foreach (string mode in new[] { "-restart 1", "-restart 3B", "-sample 2x1", "-progressive" })
        {
            byte[] jpeg = LibjpegPrograms.Run("cjpeg", mode, ppm);

            // Of the progressive file, only the last scan is cut: libjpeg smooths what lacks scans.
            int start = mode == "-progressive" ? Positions(jpeg, 0xDA)[^1] + 10 : Positions(jpeg, 0xDA)[0] + 100;
            for (int length = start; length < jpeg.Length - 2; length += 41)
            {
                byte[] cut = jpeg[..length];
                AssertSame(LibjpegPrograms.TolerantDjpeg(cut), Decode(cut, DecodingTolerance.Salvage), $"{mode} {length}");
            }
        }
    }

    [SkippableFact]
    public void Damaged_codes_are_salvaged_as_libjpeg_does()
    {
        LibjpegPrograms.SkipWithout("cjpeg", "djpeg");
        byte[] jpeg = LibjpegPrograms.Run("cjpeg", "-quality 95 -restart 2", TestPattern.Ppm(90, 75, seed: 4));
        int scan = Positions(jpeg, 0xDA)[0] + 14;
        int errors = 0;
        int differences = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new SeededRandom(seed);
            byte[] damaged = [.. jpeg];
            int position = scan + random.NextInt32(jpeg.Length - scan - 2);
            damaged[position] ^= (byte)(1 << random.NextInt32(7));
            if (jpeg[position] != 0xFF && jpeg[position - 1] != 0xFF && damaged[position] != 0xFF)
            {
                Image salvaged = Decode(damaged, DecodingTolerance.Salvage);
                differences += LibjpegPrograms.TolerantDjpeg(damaged).Pixels.SequenceEqual(salvaged.Pixels) ? 0 : 1;
                errors += Problem(damaged).Contains("damaged", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        // Where damage makes coefficients overflow 16 bits, the samples are those of no definition.
        Assert.InRange(errors, 5, 60);
        Assert.InRange(differences, 0, 3);
    }

    [Theory]
    [InlineData(0xC3, "a lossless JPEG image")]
    [InlineData(0xC9, "an arithmetic-coded JPEG image")]
    [InlineData(0xCA, "an arithmetic-coded JPEG image")]
    [InlineData(0xC5, "a hierarchical JPEG image")]
    [InlineData(0xCC, "an arithmetic-coded JPEG image")]
    [InlineData(0xDE, "a hierarchical JPEG image")]
    public void Kinds_that_another_decoder_may_know_are_marked(byte marker, string cause)
    {
        byte[] jpeg = [.. Whole];
        jpeg[jpeg.AsSpan().IndexOf((byte[])[0xFF, 0xC0]) + 1] = marker;
        ImageFormatException exception = Assert.Throws<ImageFormatException>(() => Decode(jpeg));
        Assert.Equal((cause, true), (exception.Cause, exception.IsUnsupported));
    }

    [Fact]
    public void Samples_of_12_bits_are_for_another_decoder()
    {
        byte[] jpeg = [.. Whole];
        jpeg[jpeg.AsSpan().IndexOf((byte[])[0xFF, 0xC0]) + 4] = 12;
        Assert.True(Assert.Throws<ImageFormatException>(() => Decode(jpeg)).IsUnsupported);
    }

    /// <summary>Files from reports, in the folder cases/pictures of the folder of data sets.</summary>
    [SkippableTheory]
    [InlineData("jpeg-missing-eoi")]
    [InlineData("jpeg-dnl")]
    [InlineData("jpeg-duplicate-component-ids")]
    [InlineData("jpeg-fill-byte-in-scan")]
    [InlineData("jpeg-no-huffman-tables")]
    [InlineData("jpeg-restart")]
    [InlineData("jpeg-progressive")]
    [InlineData("jpeg-truncated")]
    public void Files_from_the_wild_are_read_as_libjpeg_reads_them(string kind)
    {
        LibjpegPrograms.SkipWithout("djpeg");
        string[] files = Directory.GetFiles(TestData.RequireFolder("cases/pictures"), kind + "*");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] jpeg = WithoutProfile(File.ReadAllBytes(file));

            // Of an MCU with a fill byte, djpeg keeps what it decoded at a first attempt, up to the fill byte; without it, it does not.
            byte[] filled = [0xFF, 0xFF, 0x00];
            int fill = kind == "jpeg-fill-byte-in-scan" ? jpeg.AsSpan().LastIndexOf(filled) : -1;
            Image expected = LibjpegPrograms.TolerantDjpeg(fill < 0 ? jpeg : [.. jpeg[..fill], .. jpeg[(fill + 1)..]]);
            if (kind == "jpeg-truncated")
            {
                Assert.Matches(@"cut short after \d+ % of the rows", Problem(jpeg));
                AssertSame(expected, Decode(jpeg, DecodingTolerance.Salvage), file);
                continue;
            }

            Image image = Decode(jpeg);
            AssertSame(expected, image, file);
            Assert.True(image.Blemishes.Count > 0 || kind == "jpeg-dnl", file);
        }
    }

    private static Image Decode(byte[] jpeg, DecodingTolerance tolerance = DecodingTolerance.Lenient) =>
        JpegDecoder.Decode(jpeg, new ImageDecoderOptions { Tolerance = tolerance });

    private static string Problem(byte[] jpeg)
    {
        try
        {
            Decode(jpeg);
            return "";
        }
        catch (ImageFormatException exception)
        {
            return exception.Problem;
        }
    }

    /// <summary>Decodes a file with a blemish by default, and expects it to be refused under Strict.</summary>
    private static Image AssertBlemish(byte[] jpeg, string words, string? orElse = null)
    {
        Image image = Decode(jpeg);
        Assert.Contains(
            image.Blemishes,
            sentence => sentence.Contains(words, StringComparison.Ordinal)
                || (orElse is not null && sentence.Contains(orElse, StringComparison.Ordinal)));
        Assert.Throws<ImageFormatException>(() => Decode(jpeg, DecodingTolerance.Strict));
        return image;
    }

    private static void AssertLikeLibjpeg(byte[] jpeg) => AssertSame(LibjpegPrograms.TolerantDjpeg(jpeg), Decode(jpeg));

    /// <summary>The file without its color profile, which djpeg does not apply.</summary>
    private static byte[] WithoutProfile(byte[] jpeg)
    {
        var kept = new List<byte>(jpeg[..2]);
        int at = 2;
        while (at + 4 <= jpeg.Length && jpeg[at] == 0xFF && jpeg[at + 1] is >= 0xC0 and not 0xDA)
        {
            int end = at + 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]);
            if (jpeg[at + 1] != 0xE2)
            {
                kept.AddRange(jpeg[at..end]);
            }

            at = end;
        }

        return [.. kept, .. jpeg[at..]];
    }

    private static void AssertSame(Image expected, Image actual, string what = "image")
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        int different = 0;
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            different += expected.Pixels[i] == actual.Pixels[i] ? 0 : 1;
        }

        Assert.True(different == 0, $"{what}: {different} of {expected.Pixels.Length} values differ from those of djpeg.");
    }

    /// <summary>A gray and a color file, each with ten restart intervals.</summary>
    private static IEnumerable<byte[]> Restarting()
    {
        yield return new TestJpegEncoder(160, 8, new TestJpegComponent(1, 1, 1, TestPattern.Plane(1))) { RestartInterval = 2 }.Encode();
        yield return new TestJpegEncoder(
            80,
            64,
            new TestJpegComponent(1, 2, 2, TestPattern.Plane(1)),
            new TestJpegComponent(2, 1, 1, TestPattern.Plane(2)),
            new TestJpegComponent(3, 1, 1, TestPattern.Plane(3)))
        {
            HasJfif = true,
            RestartInterval = 2,
        }.Encode();
    }

    private static int[] RestartMarkers(byte[] jpeg) =>
        [.. Enumerable.Range(0, jpeg.Length - 1).Where(i => jpeg[i] == 0xFF && jpeg[i + 1] is >= 0xD0 and <= 0xD7)];

    private static int[] Positions(byte[] jpeg, byte marker) =>
        [.. Enumerable.Range(0, jpeg.Length - 1).Where(i => jpeg[i] == 0xFF && jpeg[i + 1] == marker)];

    private static int EndOfScan(byte[] jpeg, int position)
    {
        for (position += 2; jpeg[position] != 0xFF || jpeg[position + 1] is 0 or (>= 0xD0 and <= 0xD7); position++)
        {
        }

        return position;
    }

    private static byte[] WithoutSegments(byte[] jpeg, byte marker)
    {
        var kept = new List<byte>(jpeg[..2]);
        int position = 2;
        while (jpeg[position + 1] != 0xDA)
        {
            int end = position + 2 + (jpeg[position + 2] << 8 | jpeg[position + 3]);
            if (jpeg[position + 1] != marker)
            {
                kept.AddRange(jpeg[position..end]);
            }

            position = end;
        }

        return [.. kept, .. jpeg[position..]];
    }
}
