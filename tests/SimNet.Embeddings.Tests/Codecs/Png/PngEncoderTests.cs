using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Embeddings.Tests;

public class PngEncoderTests
{
    [Fact]
    public void Encoded_images_round_trip()
    {
        Prop.ForAll(Gen.Choose(1, 70).Two().ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (size, seed) =>
        {
            int channels = seed % 2 == 0 ? 1 : 3;
            (int width, int height) = size;
            Image image = seed % 3 == 0
                ? TestImages.Gradient(width, height, channels)
                : TestImages.Noise(width, height, channels, seed);
            TestImages.AssertSame(image, ImageDecoder.Default.Decode(PngEncoder.Encode(image), ImageDecoderOptions.Default));
        }).QuickCheckThrowOnFailure();
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void Libpng_decodes_files_with_many_chunks(int channels)
    {
        Image image = TestImages.Noise(300, 400, channels, seed: 1);
        byte[] file = PngEncoder.Encode(image);
        Assert.True(file.Length > 100_000);
        (int largest, int[] samples) = LibpngPrograms.Read(file);
        Assert.Equal(255, largest);
        Assert.Equal(image.Pixels.ToArray().Select(value => (int)value), samples);
    }

    [Fact]
    public void A_smooth_image_compresses_well()
    {
        Image image = TestImages.Gradient(256, 256, 3);
        Assert.InRange(PngEncoder.Encode(image).Length, 100, 256 * 256 * 3 / 20);
    }

    [Fact]
    public void Encoding_appends_to_the_stream_and_leaves_it_open()
    {
        Image image = TestImages.Noise(9, 9, 3, seed: 2);
        using var stream = new MemoryStream();
        stream.WriteByte(7);
        PngEncoder.Encode(image, stream);
        PngEncoder.Encode(image, stream);
        byte[] once = PngEncoder.Encode(image);
        Assert.Equal([7, .. once, .. once], stream.ToArray());
        Assert.Throws<ArgumentException>(() => PngEncoder.Encode(image, new MemoryStream([], writable: false)));
    }
}
