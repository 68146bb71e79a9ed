using ImageMagick;

namespace SimNet.MagickNet.Tests;

public class FormatTests
{
    [Theory]
    [MemberData(nameof(TestFiles.Formats), MemberType = typeof(TestFiles))]
    public void Every_format_is_read(MagickFormat format)
    {
        Image image = TestFiles.Decode(TestFiles.Encode(format), DecodingTolerance.Strict);

        Assert.Equal((TestFiles.Width, TestFiles.Height, 3), (image.Width, image.Height, image.Channels));
        TestFiles.AssertQuarters(image, tolerance: 8);
        Assert.Empty(image.Blemishes);
    }

    [Theory]
    [MemberData(nameof(TestFiles.Formats), MemberType = typeof(TestFiles))]
    public void The_decoder_of_all_formats_reads_every_format(MagickFormat format)
    {
        Image image = MagickImageDecoder.AllFormats.Decode(TestFiles.Encode(format), ImageDecoderOptions.Default);

        TestFiles.AssertQuarters(image, tolerance: 8);
    }

    [Theory]
    [InlineData(MagickFormat.WebP)]
    [InlineData(MagickFormat.Gif)]
    [InlineData(MagickFormat.Tiff)]
    public void Of_several_frames_the_first_is_read(MagickFormat format)
    {
        using var frames = new MagickImageCollection
        {
            TestFiles.Quarters(),
            new MagickImage(MagickColors.Black, TestFiles.Width, TestFiles.Height),
            new MagickImage(MagickColors.White, TestFiles.Width, TestFiles.Height),
        };

        TestFiles.AssertQuarters(TestFiles.Decode(frames.ToByteArray(format)), tolerance: 12);
    }

    [Fact]
    public void Lossless_WebP_keeps_every_value()
    {
        using MagickImage image = TestFiles.Quarters();
        image.Settings.SetDefine(MagickFormat.WebP, "lossless", true);

        TestFiles.AssertQuarters(TestFiles.Decode(image.ToByteArray(MagickFormat.WebP)), tolerance: 0);
    }

    [Theory]
    [InlineData(CompressionMethod.NoCompression)]
    [InlineData(CompressionMethod.LZW)]
    [InlineData(CompressionMethod.Zip)]
    [InlineData(CompressionMethod.RLE)]
    public void TIFF_is_read_however_it_is_compressed(CompressionMethod compression)
    {
        using MagickImage image = TestFiles.Quarters();
        image.Settings.Compression = compression;

        TestFiles.AssertQuarters(TestFiles.Decode(image.ToByteArray(MagickFormat.Tiff)), tolerance: 0);
    }

    [Theory]
    [InlineData(MagickFormat.Tiff, ColorType.Palette)]
    [InlineData(MagickFormat.Bmp, ColorType.Palette)]
    [InlineData(MagickFormat.Gif, ColorType.Palette)]
    public void Palettes_are_read(MagickFormat format, ColorType colors)
    {
        using MagickImage image = TestFiles.Quarters();
        image.ColorType = colors;

        TestFiles.AssertQuarters(TestFiles.Decode(image.ToByteArray(format)), tolerance: 0);
    }

    [Theory]
    [InlineData(MagickFormat.Tiff)]
    [InlineData(MagickFormat.Jp2)]
    [InlineData(MagickFormat.Jxl)]
    [InlineData(MagickFormat.Jpeg)]
    public void Gray_images_have_one_channel(MagickFormat format)
    {
        using MagickImage image = TestFiles.FromRgb(16, 16, [.. Enumerable.Repeat<byte>(90, 16 * 16 * 3)]);
        image.ColorType = ColorType.Grayscale;

        Image read = TestFiles.Decode(image.ToByteArray(format));

        Assert.Equal(1, read.Channels);
        Assert.InRange(read.Pixels[0], 88, 92);
    }

    [Fact]
    public void Sixteen_bits_are_reduced_to_eight()
    {
        byte[] tiff = TiffOf16Bits(0x1234, 0xABCD, 0xFF00);

        TestFiles.AssertColor(new RgbColor(0x12, 0xAB, 0xFE), TestFiles.ColorAt(TestFiles.Decode(tiff), 1, 1), tolerance: 1);
    }

    [Fact]
    public void Of_an_icon_the_largest_image_is_read()
    {
        using var sizes = new MagickImageCollection
        {
            new MagickImage(MagickColors.Black, 16, 16),
            TestFiles.Quarters(64, 64),
            new MagickImage(MagickColors.White, 32, 32),
        };

        Image image = TestFiles.Decode(sizes.ToByteArray(MagickFormat.Ico));

        Assert.Equal((64, 64), (image.Width, image.Height));
        TestFiles.AssertQuarters(image, tolerance: 0);
    }

    [Fact]
    public void An_icon_with_a_PNG_in_it_is_read()
    {
        using MagickImage image = TestFiles.Quarters(256, 256);
        byte[] png = image.ToByteArray(MagickFormat.Png);
        byte[] icon = [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 32, 0, .. BitConverter.GetBytes(png.Length), 22, 0, 0, 0, .. png];

        Image read = TestFiles.Decode(icon);

        Assert.Equal((256, 256), (read.Width, read.Height));
        TestFiles.AssertQuarters(read, tolerance: 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12345)]
    public void A_wrong_length_in_the_header_of_a_bitmap_does_not_matter(int length)
    {
        byte[] file = TestFiles.Encode(MagickFormat.Bmp);
        BitConverter.GetBytes(length).CopyTo(file, 2);

        TestFiles.AssertQuarters(TestFiles.Decode(file, DecodingTolerance.Strict), tolerance: 0);
    }

    /// <summary>A TIFF of 4x4 pixels of one color in 16 bits, uncompressed.</summary>
    private static byte[] TiffOf16Bits(ushort red, ushort green, ushort blue)
    {
        (ushort Tag, ushort Type, uint Count, uint Value)[] entries =
        [
            (256, 3, 1, 4), (257, 3, 1, 4), (258, 3, 3, 134), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 140), (277, 3, 1, 3),
            (278, 3, 1, 4), (279, 4, 1, 96), (284, 3, 1, 1),
        ];
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write([(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, (byte)entries.Length, 0]);
        foreach ((ushort tag, ushort type, uint count, uint value) in entries)
        {
            writer.Write(tag);
            writer.Write(type);
            writer.Write(count);
            writer.Write(value);
        }

        writer.Write(0);
        for (int i = 0; i < 3; i++)
        {
            writer.Write((ushort)16);
        }

        for (int i = 0; i < 16; i++)
        {
            writer.Write(red);
            writer.Write(green);
            writer.Write(blue);
        }

        return stream.ToArray();
    }
}
