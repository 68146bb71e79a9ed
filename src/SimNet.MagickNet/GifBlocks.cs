namespace SimNet.MagickNet;

/// <summary>The blocks of a GIF file (GIF89a, sections 15 to 26).</summary>
internal static class GifBlocks
{
    private const byte ExtensionIntroducer = 0x21, ImageSeparator = 0x2C;

    /// <summary>Whether the file ends before the data of the first image does.</summary>
    public static bool EndEarly(ReadOnlySpan<byte> data)
    {
        if (data.Length < 13)
        {
            return true;
        }

        int at = 13 + ColorTableLength(data[10]);
        while (at < data.Length)
        {
            switch (data[at])
            {
                case ExtensionIntroducer:
                    at = SkipSubBlocks(data, at + 2);
                    break;
                case ImageSeparator:
                    return at + 10 > data.Length || SkipSubBlocks(data, at + 11 + ColorTableLength(data[at + 9])) > data.Length;
                default:
                    return false;
            }
        }

        return true;
    }

    private static int ColorTableLength(byte packed) => (packed & 0x80) == 0 ? 0 : 3 << ((packed & 7) + 1);

    /// <summary>The position after the terminator of a row of sub-blocks; beyond the end of the data if it is missing.</summary>
    private static int SkipSubBlocks(ReadOnlySpan<byte> data, int at)
    {
        while (at < data.Length && data[at] != 0)
        {
            at += data[at] + 1;
        }

        return at + 1;
    }
}
