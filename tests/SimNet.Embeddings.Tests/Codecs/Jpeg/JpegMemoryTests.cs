namespace SimNet.Embeddings.Tests;

/// <summary>Tests that the decoder takes no more memory than it reserves, and gives it back.</summary>
public class JpegMemoryTests
{
    [Fact]
    public void An_image_that_needs_more_than_the_budget_is_an_error_of_its_own()
    {
        var options = new ImageDecoderOptions { Memory = new MemoryBudget(100_000) };
        ImageFormatException exception = Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(Large(), options));
        Assert.Equal("too large", exception.Cause);
    }

    [Theory]
    [InlineData(DecodingTolerance.Lenient)]
    [InlineData(DecodingTolerance.Salvage)]
    public void The_memory_is_given_back_after_each_image_and_each_error(DecodingTolerance tolerance)
    {
        byte[] jpeg = Large();
        var options = new ImageDecoderOptions { Memory = new MemoryBudget(1_000_000), Tolerance = tolerance };
        for (int i = 0; i < 50; i++)
        {
            // If anything were kept, a later image would wait forever.
            Assert.Equal(400, JpegDecoder.Decode(jpeg, options).Width);
            if (tolerance == DecodingTolerance.Lenient)
            {
                Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(jpeg.AsSpan()[..^300], options));
            }
        }
    }

    [Fact]
    public void Scaled_decoding_needs_less_memory()
    {
        byte[] jpeg = Large();
        var options = new ImageDecoderOptions { Memory = new MemoryBudget(140_000) };
        Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(jpeg, options));
        ImageDecoderOptions scaled = options with { TargetWidth = 50 / JpegPlan.MinRatio, TargetHeight = 40 / JpegPlan.MinRatio };
        Image image = JpegDecoder.Decode(jpeg, scaled);
        Assert.InRange(image.Width, 50, 100);
    }

    [Fact]
    public void Decoding_allocates_no_more_than_it_reserves()
    {
        byte[] jpeg = Large();
        JpegDecoder.Decode(jpeg, ImageDecoderOptions.Default);
        long before = GC.GetAllocatedBytesForCurrentThread();
        JpegDecoder.Decode(jpeg, ImageDecoderOptions.Default);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 400 * 320 * 3, (400 * 320 * 3) + 20_000);
    }

    private static byte[] Large() => TestPattern.YCbCr(400, 320, 2, 2).Encode();
}
