namespace SimNet.Embeddings.Tests;

public class PngBackgroundTests
{
    [Theory]
    [InlineData(4, 8)]
    [InlineData(4, 16)]
    [InlineData(6, 8)]
    [InlineData(6, 16)]
    [InlineData(0, 8)]
    [InlineData(0, 16)]
    [InlineData(2, 8)]
    [InlineData(2, 16)]
    [InlineData(3, 4)]
    [InlineData(3, 8)]
    public void A_white_shape_on_transparency_is_blended_onto_black(int colorType, int bitDepth)
    {
        foreach (bool interlaced in new[] { false, true })
        {
            Image image = Decode(Shape(colorType, bitDepth, white: true) with { Interlaced = interlaced }, null);
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                Assert.Equal(IsInside(i / image.Channels) ? 255 : 0, image.Pixels[i]);
            }

            Image given = Decode(Shape(colorType, bitDepth, white: true) with { Interlaced = interlaced }, RgbColor.White);
            Assert.Equal(-1, given.Pixels.IndexOfAnyExcept((byte)255));
        }
    }

    [Theory]
    [InlineData(4, 8)]
    [InlineData(6, 8)]
    [InlineData(6, 16)]
    [InlineData(0, 8)]
    [InlineData(2, 8)]
    [InlineData(3, 8)]
    public void A_dark_shape_on_transparency_is_blended_onto_white_or_what_is_asked_for(int colorType, int bitDepth)
    {
        TestPng png = Shape(colorType, bitDepth, white: false);
        TestImages.AssertSame(png.Expected(), Decode(png, null));
        Image colored = Decode(png, new RgbColor(10, 200, 30));
        int outside = Enumerable.Range(0, 400).First(i => !IsInside(i));
        Assert.Equal(
            colored.Channels == 3 ? [10, 200, 30] : [new RgbColor(10, 200, 30).Luma],
            colored.Pixels.Slice(outside * colored.Channels, colored.Channels).ToArray());
    }

    [Fact]
    public void Opaque_images_that_are_blank_stay_white()
    {
        foreach (int colorType in new[] { 0, 2, 4, 6 })
        {
            var png = new TestPng(20, 20, colorType, 8);
            png = png with { Samples = [.. Enumerable.Repeat(255, 400 * png.SamplesPerPixel)] };
            Assert.Equal(-1, Decode(png, null).Pixels.IndexOfAnyExcept((byte)255));
        }
    }

    [Fact]
    public void Two_white_shapes_have_different_embeddings()
    {
        Image first = Decode(Shape(6, 8, white: true), null);
        TestPng other = Shape(6, 8, white: true);
        int[] bar = [.. other.Samples.Select((sample, i) => i % 4 == 3 ? (i / 4 / 20 is > 8 and < 12 ? 255 : 0) : sample)];
        Image second = Decode(other with { Samples = bar }, null);
        float[] a = ImageEmbedder.Default.Embed(first), b = ImageEmbedder.Default.Embed(second);
        double distance = a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum();
        Assert.True(distance > 0.01, $"Squared distance {distance}.");
    }

    private static bool IsInside(int pixel) => pixel % 20 is > 4 and < 15 && pixel / 20 is > 4 and < 15;

    /// <summary>A square, white or dark, with transparent pixels around it whose stored color is another.</summary>
    private static TestPng Shape(int colorType, int bitDepth, bool white)
    {
        int largest = (1 << bitDepth) - 1, shape = white ? largest : largest / 5;
        var png = new TestPng(20, 20, colorType, bitDepth);
        if (colorType == 3)
        {
            byte gray = (byte)(white ? 255 : 50);
            return png with
            {
                Samples = [.. Enumerable.Range(0, 400).Select(i => IsInside(i) ? 1 : 0)],
                Palette = [9, 9, 9, gray, gray, gray],
                Transparency = [0],
            };
        }

        int channels = colorType is 0 or 4 ? 1 : 3;
        return png with
        {
            Samples =
            [
                .. Enumerable.Range(0, 400).SelectMany(i => Enumerable.Range(0, png.SamplesPerPixel)
                    .Select(c => c == channels ? (IsInside(i) ? largest : 0) : IsInside(i) ? shape : 7)),
            ],
            Transparency = colorType is 0 or 2 ? [.. Enumerable.Range(0, channels).SelectMany(_ => new byte[] { 0, 7 })] : null,
        };
    }

    private static Image Decode(TestPng png, RgbColor? background) =>
        ImageDecoder.Default.Decode(png.ToFile(), new ImageDecoderOptions { Background = background });
}
