using System.Buffers.Binary;

namespace SimNet.MagickNet.Tests;

public class FuzzTests
{
    [Fact]
    public void Damaged_files_give_an_image_or_an_error()
    {
        byte[][] seeds = [.. TestFiles.FormatList.Select(format => TestFiles.Encode(format))];
        var options = new ImageDecoderOptions { MaxPixels = 1_000_000 };
        var decoder = new MagickImageDecoder();
        int images = 0, errors = 0;
        for (int i = 0; i < 1600; i++)
        {
            var random = new Random(i);
            byte[] file = Damage(seeds[i % seeds.Length], random);
            try
            {
                Image image = decoder.Decode(file, options with { Tolerance = (DecodingTolerance)(i % 3) });
                Assert.InRange((long)image.Width * image.Height, 1, options.MaxPixels);
                images++;
            }
            catch (ImageFormatException exception)
            {
                Assert.InRange(exception.Offset, 0, file.Length);
                errors++;
            }
        }

        // Both outcomes must occur often, or the cases test nothing.
        Assert.InRange(images, 200, 1500);
        Assert.InRange(errors, 100, 1400);
    }

    private static byte[] Damage(byte[] seed, Random random)
    {
        byte[] file = [.. seed];
        int head = Math.Min(file.Length, random.Next(2) == 0 ? 256 : file.Length) - 4;
        for (int n = random.Next(1, 6); n > 0; n--)
        {
            int at = random.Next(head);
            switch (random.Next(5))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file[at] = (byte)random.Next(256);
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at), uint.MaxValue >> random.Next(2));
                    break;
                case 3:
                    BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), (uint)random.Next());
                    break;
                default:
                    int length = random.Next(Math.Min(32, file.Length - at));
                    file.AsSpan(random.Next(file.Length - length), length).ToArray().CopyTo(file, at);
                    break;
            }
        }

        return random.Next(6) == 0 ? file[..random.Next(1, file.Length)] : file;
    }
}
