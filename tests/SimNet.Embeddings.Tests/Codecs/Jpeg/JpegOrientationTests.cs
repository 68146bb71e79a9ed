using System.Buffers.Binary;

namespace SimNet.Embeddings.Tests;

public class JpegOrientationTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(6, false)]
    [InlineData(7, false)]
    [InlineData(8, false)]
    [InlineData(1, true)]
    [InlineData(6, true)]
    public void The_exif_orientation_is_applied(int orientation, bool isLittleEndian)
    {
        foreach (int components in new[] { 1, 3 })
        {
            Image stored = Decode(components, application1: null);
            Image upright = Decode(components, Exif(orientation, isLittleEndian));
            Assert.Equal(orientation >= 5 ? (9, 21) : (21, 9), (upright.Width, upright.Height));
            for (int y = 0; y < upright.Height; y++)
            {
                for (int x = 0; x < upright.Width; x++)
                {
                    // The stored position of a pixel of the upright image. By Exif 2.32, the stored row 0 is the top (1, 2), the bottom
                    // (3, 4), the left side (5, 8) or the right side (6, 7) of the upright image; likewise for column 0.
                    (int storedX, int storedY) = orientation switch
                    {
                        1 => (x, y),
                        2 => (20 - x, y),
                        3 => (20 - x, 8 - y),
                        4 => (x, 8 - y),
                        5 => (y, x),
                        6 => (y, 8 - x),
                        7 => (20 - y, 8 - x),
                        _ => (20 - y, x),
                    };
                    Assert.Equal(
                        stored.Row(storedY).Slice(storedX * stored.Channels, stored.Channels),
                        upright.Row(y).Slice(x * upright.Channels, upright.Channels));
                }
            }
        }
    }

    [Fact]
    public void Invalid_metadata_is_ignored()
    {
        byte[] expected = Decode(3, application1: null).Pixels.ToArray();
        byte[] exif = Exif(3, isLittleEndian: false);
        byte[] farDirectory = [.. exif];
        BinaryPrimitives.WriteUInt32BigEndian(farDirectory.AsSpan(10), uint.MaxValue);
        byte[] wrongType = [.. exif];
        wrongType[6 + 8 + 2 + 12 + 3] = 4;
        List<byte[]> damaged =
        [
            farDirectory, wrongType, Exif(0, isLittleEndian: true), Exif(9, isLittleEndian: true),
            "Exif\0"u8.ToArray(), "Exif\0\0XX*\0"u8.ToArray(),
        ];

        // Metadata truncated before the end of the entry has no orientation.
        for (int length = 0; length < 6 + 8 + 2 + 24; length++)
        {
            damaged.Add(exif[..length]);
        }

        foreach (byte[] content in damaged)
        {
            Assert.Equal(expected, Decode(3, content).Pixels);
        }
    }

    [Fact]
    public void Only_the_first_exif_segment_counts()
    {
        byte[] jpeg = Encode(3, Exif(3, isLittleEndian: false));
        byte[] second = Exif(6, isLittleEndian: false);
        byte[] withTwo = [.. jpeg[..^2], 0xFF, 0xE1, 0, (byte)(second.Length + 2), .. second, .. jpeg[^2..]];
        Assert.Equal(
            JpegDecoder.Decode(jpeg, ImageDecoderOptions.Default).Pixels,
            JpegDecoder.Decode(withTwo, ImageDecoderOptions.Default).Pixels);
    }

    private static Image Decode(int components, byte[]? application1) =>
        JpegDecoder.Decode(Encode(components, application1), ImageDecoderOptions.Default);

    private static byte[] Encode(int components, byte[]? application1) =>
        new TestJpegEncoder(
            21, 9, [.. Enumerable.Range(1, components).Select(id => new TestJpegComponent(id, 1, 1, TestPattern.Plane(id)))])
        {
            Application1 = application1,
        }.Encode();

    /// <summary>The content of an Exif segment with two entries, the second of which is the orientation.</summary>
    private static byte[] Exif(int orientation, bool isLittleEndian)
    {
        var content = new List<byte>();
        content.AddRange("Exif\0\0"u8);
        content.AddRange(isLittleEndian ? "II"u8 : "MM"u8);
        Add(42, 2);
        Add(8, 4);
        Add(2, 2);
        AddEntry(0x010F, 2, 4, 0);
        AddEntry(0x0112, 3, 1, orientation);
        Add(0, 4);
        return content.ToArray();

        void AddEntry(int tag, int type, int count, int value)
        {
            Add(tag, 2);
            Add(type, 2);
            Add(count, 4);
            Add(value, 2);
            Add(0, 2);
        }

        void Add(int value, int bytes)
        {
            for (int i = 0; i < bytes; i++)
            {
                content.Add((byte)(value >> (8 * (isLittleEndian ? i : bytes - 1 - i))));
            }
        }
    }
}
