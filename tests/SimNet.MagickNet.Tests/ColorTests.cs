using ImageMagick;

namespace SimNet.MagickNet.Tests;

public class ColorTests
{
    /// <summary>A gray or colored pixel of a palette with opacities, by its values: red, green, blue, opacity.</summary>
    private static readonly byte[] s_halfRed = [255, 0, 0, 128];

    [Theory]
    [InlineData(MagickFormat.WebP)]
    [InlineData(MagickFormat.Tiff)]
    [InlineData(MagickFormat.Avif)]
    [InlineData(MagickFormat.Jxl)]
    [InlineData(MagickFormat.Jp2)]
    [InlineData(MagickFormat.Ico)]
    [InlineData(MagickFormat.Bmp)]
    [InlineData(MagickFormat.Psd)]
    public void Transparency_is_blended_onto_the_background(MagickFormat format)
    {
        byte[] file = Transparent(s_halfRed).ToByteArray(format);

        TestFiles.AssertColor(new RgbColor(255, 127, 127), TestFiles.ColorAt(TestFiles.Decode(file), 8, 8), tolerance: 4);
        Image onBlue = TestFiles.Decode(file, background: new RgbColor(0, 0, 255));
        TestFiles.AssertColor(new RgbColor(128, 0, 127), TestFiles.ColorAt(onBlue, 8, 8), tolerance: 4);
    }

    [Fact]
    public void A_white_shape_without_background_is_blended_onto_black()
    {
        byte[] pixels = [.. Enumerable.Range(0, 256).SelectMany(i => new byte[] { 255, 255, 255, (byte)(i % 16 < 8 ? 255 : 0) })];
        var settings = new PixelReadSettings(16, 16, StorageType.Char, PixelMapping.RGBA);
        using var image = new MagickImage(pixels, settings);

        Image read = TestFiles.Decode(image.ToByteArray(MagickFormat.Tiff));

        Assert.Equal(RgbColor.White, TestFiles.ColorAt(read, 2, 2));
        Assert.Equal(RgbColor.Black, TestFiles.ColorAt(read, 12, 2));
    }

    [Fact]
    public void The_first_frame_of_an_animation_stands_on_its_canvas()
    {
        // A canvas of 4x3 whose frame, one red pixel, is at (2, 1); two colors, minimum code size 2.
        byte[] gif =
        [
            .. "GIF89a"u8, 4, 0, 3, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255,
            0x2C, 2, 0, 1, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0, 0x3B,
        ];

        Image image = TestFiles.Decode(gif);

        Assert.Equal((4, 3), (image.Width, image.Height));
        Assert.Equal(new RgbColor(255, 0, 0), TestFiles.ColorAt(image, 2, 1));
        Assert.Equal(RgbColor.White, TestFiles.ColorAt(image, 0, 0));
        Assert.Equal(RgbColor.White, TestFiles.ColorAt(image, 3, 2));
    }

    [Theory]
    [InlineData(MagickFormat.Tiff)]
    [InlineData(MagickFormat.Jpeg)]
    [InlineData(MagickFormat.Psd)]
    public void CMYK_without_profile_is_converted(MagickFormat format)
    {
        using MagickImage image = TestFiles.Quarters();
        image.ColorSpace = ColorSpace.CMYK;

        TestFiles.AssertQuarters(TestFiles.Decode(TestFiles.Encode(image, format)), tolerance: 8);
    }

    [Theory]
    [InlineData(MagickFormat.Tiff)]
    [InlineData(MagickFormat.WebP)]
    [InlineData(MagickFormat.Jpeg)]
    [InlineData(MagickFormat.Avif)]
    [InlineData(MagickFormat.Jxl)]
    [InlineData(MagickFormat.Psd)]
    public void An_embedded_profile_is_applied(MagickFormat format)
    {
        // The green of Adobe RGB is outside sRGB; its half is a green that sRGB has.
        byte[] pixels = [.. Enumerable.Range(0, 256 * 3).Select(i => (byte)(i % 3 == 1 ? 150 : 100))];
        using MagickImage image = TestFiles.FromRgb(16, 16, pixels);
        image.SetProfile(ColorProfiles.AdobeRGB1998);

        Image read = TestFiles.Decode(TestFiles.Encode(image, format, quality: 100));

        TestFiles.AssertColor(new RgbColor(69, 151, 98), TestFiles.ColorAt(read, 8, 8), tolerance: 4);
    }

    [Fact]
    public void A_profile_that_cannot_be_read_is_a_blemish()
    {
        using MagickImage image = TestFiles.Quarters();
        image.SetProfile(ColorProfiles.AdobeRGB1998);
        byte[] file = image.ToByteArray(MagickFormat.Tiff);
        "ZZZZ"u8.CopyTo(file.AsSpan(file.AsSpan().IndexOf("RGB XYZ "u8)));

        Image read = TestFiles.Decode(file);

        TestFiles.AssertQuarters(read, tolerance: 0);
        Assert.NotEmpty(read.Blemishes);
        Assert.Equal("damaged", TestFiles.Refused(file, DecodingTolerance.Strict).Cause);
    }

    [Theory]
    [InlineData(Orientation.TopRight, 1, 0, 3, 2)]
    [InlineData(Orientation.BottomRight, 3, 2, 1, 0)]
    [InlineData(Orientation.BottomLeft, 2, 3, 0, 1)]
    [InlineData(Orientation.LeftTop, 0, 2, 1, 3)]
    [InlineData(Orientation.RightTop, 2, 0, 3, 1)]
    [InlineData(Orientation.RightBottom, 3, 1, 2, 0)]
    [InlineData(Orientation.LeftBottom, 1, 3, 0, 2)]
    public void Images_are_turned_upright(Orientation orientation, params int[] corners)
    {
        using MagickImage image = TestFiles.Quarters();
        image.Orientation = orientation;

        Image read = TestFiles.Decode(image.ToByteArray(MagickFormat.Tiff));

        bool isTurned = orientation >= Orientation.LeftTop;
        Assert.Equal(isTurned ? (TestFiles.Height, TestFiles.Width) : (TestFiles.Width, TestFiles.Height), (read.Width, read.Height));
        TestFiles.AssertQuarters(read, tolerance: 0, [.. corners.Select(corner => TestFiles.Corners[corner])]);
    }

    private static MagickImage Transparent(byte[] pixel) => new(
        [.. Enumerable.Repeat(pixel, 256).SelectMany(values => values)],
        new PixelReadSettings(16, 16, StorageType.Char, PixelMapping.RGBA));
}
