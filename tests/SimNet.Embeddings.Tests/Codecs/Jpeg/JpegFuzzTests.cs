using System.Globalization;

namespace SimNet.Embeddings.Tests;

public class JpegFuzzTests
{
    /// <summary>The number of inputs of each kind; the environment variable SIMNET_FUZZ sets another one.</summary>
    private static readonly int Count =
        int.Parse(Environment.GetEnvironmentVariable("SIMNET_FUZZ") ?? "2000", CultureInfo.InvariantCulture);

    private const long MaxPixels = 100_000;

    /// <summary>
    /// The memory that one decode may allocate: for each pixel up to four components of coefficients (2 bytes) and samples (1 byte),
    /// rounded up to the powers of two of the pool, the result, a second time if an orientation is applied, and tables.
    /// </summary>
    private const long MaxAllocation = MaxPixels * (4 * 3 * 2 + 3 * 3) + 500_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_files_give_an_image_or_an_error_in_bounded_memory(int kind)
    {
        byte[][] seeds =
        [
            StoredJpegs.Sequential,
            StoredJpegs.Progressive,
            StoredJpegs.ProgressiveWithRestarts,
            TestPattern.YCbCr(33, 18, 2, 2).Encode(),
            TestPattern.YCbCr(20, 40, 1, 4).Encode(),
            new TestJpegEncoder(40, 9, new TestJpegComponent(1, 1, 1, TestPattern.Plane(1)))
            {
                RestartInterval = 2,
                HasLongCodes = true,
            }.Encode(),
            new TestJpegEncoder(
                17, 17, [.. Enumerable.Range(1, 4).Select(id => new TestJpegComponent(id, 1 + id % 2, 1, TestPattern.Plane(id)))])
            {
                AdobeTransform = 2,
                IsInterleaved = false,
            }.Encode(),
        ];
        int images = 0;
        int errors = 0;
        for (int i = 0; i < Count; i++)
        {
            var random = new SeededRandom(kind, i);
            byte[] damaged = Damage(seeds, kind, ref random);
            int target = random.NextInt32(3) == 0 ? 1 + random.NextInt32(40) : 0;
            var options = new ImageDecoderOptions
            {
                MaxPixels = MaxPixels,
                Tolerance = (DecodingTolerance)(i % 3),
                TargetWidth = target,
                TargetHeight = target,
                TargetColor = random.NextInt32(3) == 0 ? ColorMode.Gray : null,
                Memory = new MemoryBudget(MaxAllocation),
            };
            long before = GC.GetAllocatedBytesForCurrentThread();

            try
            {
                Image image = JpegDecoder.Decode(damaged, options);
                Assert.InRange((long)image.Width * image.Height, 1, MaxPixels);
                images++;
            }
            catch (ImageFormatException exception)
            {
                Assert.InRange(exception.Offset, 0, damaged.Length);
                Assert.NotEmpty(exception.Problem);
                errors++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocation);
        }

        // Both outcomes must occur often, or the cases test nothing.
        Assert.InRange(errors, Count / 20, Count);
        Assert.True(kind == 3 || images > Count / 40, $"{images} images, {errors} errors.");
    }

    private static byte[] Damage(byte[][] seeds, int kind, ref SeededRandom random)
    {
        byte[] seed = seeds[random.NextInt32(seeds.Length)];
        byte[] other = seeds[random.NextInt32(seeds.Length)];
        switch (kind)
        {
            case 1:
                // Flips a few bits.
                byte[] flipped = [.. seed];
                for (int flips = 1 + random.NextInt32(4); flips > 0; flips--)
                {
                    flipped[random.NextInt32(flipped.Length)] ^= (byte)(1 << random.NextInt32(8));
                }

                return flipped;
            case 2:
                // Sets bytes to special values, mostly in the headers.
                byte[] changed = [.. seed];
                byte[] special = [0, 1, 0x7F, 0x80, 0xFF, 0xC2, 0xD0, 0xD9, 0xDA, (byte)random.NextInt32(256)];
                for (int changes = 1 + random.NextInt32(3); changes > 0; changes--)
                {
                    int position = random.NextInt32(random.NextInt32(4) == 0 ? changed.Length : Math.Min(changed.Length, 400));
                    changed[position] = special[random.NextInt32(special.Length)];
                }

                return changed;
            default:
                // Truncates a file, or appends the end of another file.
                int cut = random.NextInt32(seed.Length);
                return random.NextInt32(4) == 0 ? seed[..cut] : [.. seed[..cut], .. other[random.NextInt32(other.Length)..]];
        }
    }
}
