using System.Buffers.Binary;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>The header of a codestream of JPEG 2000 (ITU T.800, A.5.1).</summary>
internal static class Jpeg2000Codestream
{
    /// <summary>The most tiles, counted for each component. OpenJPEG takes kilobytes for each as soon as it reads the header.</summary>
    private const long MaxTiles = 16_384;

    private static ReadOnlySpan<byte> Start => [0xFF, 0x4F, 0xFF, 0x51];

    /// <summary>Checks the number of tiles, which does not depend on the number of pixels.</summary>
    /// <exception cref="ImageFormatException">There are too many.</exception>
    public static void CheckTiles(ReadOnlySpan<byte> data)
    {
        int start = data.IndexOf(Start);
        if (start < 0 || start + 42 > data.Length)
        {
            return;
        }

        // Width and height of the grid, the offset of the image, width and height of a tile, the offset of the first tile.
        ReadOnlySpan<byte> size = data[(start + 8)..];
        long components = BinaryPrimitives.ReadUInt16BigEndian(size[32..]);
        long tiles = Count(Field(size, 0), Field(size, 6), Field(size, 4)) * components;
        long rows = Count(Field(size, 1), Field(size, 7), Field(size, 5));
        if (tiles > MaxTiles || tiles * rows > MaxTiles)
        {
            throw new ImageFormatException($"The image has more than {MaxTiles} tiles in its {components} components.", start)
            {
                Cause = "too large",
            };
        }
    }

    private static long Field(ReadOnlySpan<byte> size, int index) => BinaryPrimitives.ReadUInt32BigEndian(size[(4 * index)..]);

    private static long Count(long end, long start, long side) => side == 0 ? 0 : Math.Max(0, end - start + side - 1) / side;
}
