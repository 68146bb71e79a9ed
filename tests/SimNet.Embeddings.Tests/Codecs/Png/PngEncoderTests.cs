using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Embeddings.Tests;

public class PngEncoderTests
{
    [Fact]
    public void What_is_encoded_is_decoded_the_same()
    {
        Prop.ForAll(Gen.Choose(1, 70).Two().ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (size, seed) =>
        {
            int channels = seed % 2 == 0 ? 1 : 3;
            Image image = seed % 3 == 0 ? TestImages.Gradient(size.Item1, size.Item2, channels) : TestImages.Noise(size.Item1, size.Item2, channels, seed);
            TestImages.AssertSame(image, ImageDecoder.Default.Decode(PngEncoder.Encode(image), ImageDecoderOptions.Default));
        }).QuickCheckThrowOnFailure();
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void Libpng_reads_it_even_when_the_data_takes_many_chunks(int channels)
    {
        Image image = TestImages.Noise(300, 400, channels, seed: 1);
        byte[] file = PngEncoder.Encode(image);
        Assert.True(file.Length > 100_000);
        (int largest, int[] samples) = ReferencePrograms.Read(file);
        Assert.Equal(255, largest);
        Assert.Equal(image.Pixels.ToArray().Select(value => (int)value), samples);
    }

    [Fact]
    public void A_smooth_image_is_far_smaller_than_its_pixels()
    {
        Image image = TestImages.Gradient(256, 256, 3);
        Assert.InRange(PngEncoder.Encode(image).Length, 100, 256 * 256 * 3 / 20);
    }

    [Fact]
    public void The_stream_is_left_open_and_written_from_where_it_stands()
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
