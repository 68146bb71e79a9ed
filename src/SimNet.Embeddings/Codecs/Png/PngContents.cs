namespace SimNet.Embeddings;

/// <summary>
/// The chunks of a PNG that matter for its pixels. What is wrong with the others, with their order, or after the image data is a blemish,
/// and the chunk is ignored, as by libpng or Chromium. What leaves the pixels in doubt is an error.
/// </summary>
internal ref struct PngContents
{
    public const uint PaletteType = 0x504C5445, TransparencyType = 0x74524E53;

    private const uint HeaderType = 0x49484452, DataType = 0x49444154, ExifType = 0x65584966, EndType = 0x49454E44;
    private const int SignatureLength = 8;

    private readonly ReadOnlySpan<byte> _file;
    private readonly BlemishList _blemishes;
    private readonly bool _salvages;

    private PngContents(ReadOnlySpan<byte> file, ImageDecoderOptions options, BlemishList blemishes)
    {
        _file = file;
        _blemishes = blemishes;
        _salvages = options.Tolerance == DecodingTolerance.Salvage;
    }

    /// <summary>The header.</summary>
    public PngHeader Header { get; private set; }

    /// <summary>The data of PLTE, if it is of use: 3 bytes for each color that the bit depth can name, or fewer.</summary>
    public ReadOnlySpan<byte> Palette { get; private set; }

    /// <summary>The data of tRNS, with a valid length; empty if there is none.</summary>
    public ReadOnlySpan<byte> Transparency { get; private set; }

    /// <summary>The chunks about color.</summary>
    public PngColorSpace Color { get; private set; }

    /// <summary>The orientation; null if there is none.</summary>
    public int? Orientation { get; private set; }

    /// <summary>The offset of the first IDAT chunk; 0 if there is none.</summary>
    public int DataOffset { get; private set; }

    /// <summary>The number of bytes of compressed data in the first IDAT chunk and those that follow it without a gap.</summary>
    public int DataLength { get; private set; }

    /// <summary>Why compressed data can be missing; null if all chunks are there.</summary>
    public string? Gap { get; private set; }

    private bool HasPalette { get; set; }

    private int DataEnd { get; set; }

    /// <summary>Reads the chunks.</summary>
    /// <exception cref="ImageFormatException">The image cannot be read.</exception>
    public static PngContents Read(ReadOnlySpan<byte> file, ImageDecoderOptions options, BlemishList blemishes)
    {
        var contents = new PngContents(file, options, blemishes);
        contents.ReadAll(options);
        return contents;
    }

    /// <summary>Joins the compressed data of the chunks.</summary>
    public readonly byte[] JoinData()
    {
        byte[] joined = new byte[DataLength];
        var chunk = new PngChunkReader(_file, DataOffset);
        for (int at = 0; at < joined.Length; at += chunk.Data.Length)
        {
            chunk.Read();
            chunk.Data.CopyTo(joined.AsSpan(at));
        }

        return joined;
    }

    private void ReadAll(ImageDecoderOptions options)
    {
        var chunk = new PngChunkReader(_file, SignatureLength);
        ReadHeader(ref chunk, options);
        while (true)
        {
            if (!chunk.Read())
            {
                int rest = _file.Length - chunk.ChunkOffset;
                End(rest == 0 ? "The file ends without IEND" : $"The file ends {rest} bytes into a chunk, without IEND", chunk.ChunkOffset);
                return;
            }

            if (chunk.Type == DataType)
            {
                ReadData(chunk);
            }
            else if (chunk.IsCut)
            {
                End($"The chunk {chunk.TypeName} has a length of {chunk.Length} bytes, but the file ends within it", chunk.ChunkOffset);
                return;
            }
            else if (chunk.Type == EndType)
            {
                ReadEnd(chunk);
                return;
            }
            else if (chunk.Type == PaletteType)
            {
                ReadPalette(chunk);
            }
            else
            {
                ReadOther(chunk);
            }
        }
    }

    private void ReadHeader(ref PngChunkReader chunk, ImageDecoderOptions options)
    {
        if (!chunk.Read() || (chunk.IsCut && chunk.Type == HeaderType))
        {
            throw CutShort("The file ends before the end of IHDR, the first chunk", chunk.ChunkOffset);
        }

        if (chunk.Type != HeaderType)
        {
            throw new ImageFormatException($"The first chunk is {chunk.TypeName}; expected IHDR.", chunk.ChunkOffset);
        }

        if (!chunk.IsIntact)
        {
            AllowIfSalvaging("The chunk IHDR is damaged: its CRC is wrong", chunk.ChunkOffset);
        }

        Header = PngHeader.Read(chunk.Data, chunk.ChunkOffset, options);
    }

    private void ReadData(PngChunkReader chunk)
    {
        if (DataOffset == 0)
        {
            if (Header.ColorType == PngColorType.Palette && Palette.IsEmpty)
            {
                throw new ImageFormatException("No PLTE chunk before IDAT; expected one for color type 3.", chunk.ChunkOffset);
            }

            DataOffset = DataEnd = chunk.ChunkOffset;
        }

        if (DataEnd != chunk.ChunkOffset)
        {
            Gap = $"another chunk is between two IDAT chunks, at byte {DataEnd}";
            Ignore("An IDAT chunk follows another chunk after the image data", chunk);
            return;
        }

        DataEnd = chunk.NextOffset;
        DataLength += chunk.Data.Length;
        if (chunk.IsCut)
        {
            Gap = "the file ends within IDAT";
        }
        else if (!chunk.IsIntact)
        {
            _blemishes.Add($"The checksum (CRC) of IDAT at byte {chunk.ChunkOffset} is wrong.", chunk.ChunkOffset);
        }
    }

    private readonly void ReadEnd(PngChunkReader chunk)
    {
        if (DataOffset == 0)
        {
            throw new ImageFormatException("No IDAT chunk before IEND; expected at least one.", chunk.ChunkOffset);
        }

        if (!chunk.IsIntact)
        {
            _blemishes.Add("The checksum (CRC) of IEND is wrong.", chunk.ChunkOffset);
        }

        if (!chunk.Data.IsEmpty)
        {
            _blemishes.Add($"IEND has {chunk.Data.Length} bytes of data; expected none.", chunk.ChunkOffset);
        }

        if (chunk.NextOffset < _file.Length)
        {
            _blemishes.Add($"{_file.Length - chunk.NextOffset} bytes follow IEND; expected none.", chunk.NextOffset, "They are ignored.");
        }
    }

    private void ReadPalette(PngChunkReader chunk)
    {
        bool isNeeded = Header.ColorType == PngColorType.Palette && DataOffset == 0;
        if (!isNeeded || HasPalette)
        {
            if (isNeeded)
            {
                AllowIfSalvaging("There is a second PLTE chunk; expected one", chunk.ChunkOffset);
            }
            else if (HasPalette || DataOffset != 0)
            {
                Ignore("PLTE is the second, or after the image data", chunk);
            }
            else if (Header.ColorType is PngColorType.Gray or PngColorType.GrayAlpha)
            {
                Ignore("PLTE is in a gray image", chunk);
            }
            else if (!chunk.IsIntact)
            {
                IgnoreDamaged(chunk);
            }
            else if (chunk.Data.Length is 0 or > 768 || chunk.Data.Length % 3 != 0)
            {
                Ignore($"PLTE has {chunk.Data.Length} bytes; expected 3 for each of 1 to 256 colors", chunk);
            }

            HasPalette = true;
            return;
        }

        int maximum = 3 << Header.BitDepth, length = Math.Min(chunk.Data.Length / 3 * 3, maximum);
        if (!chunk.IsIntact)
        {
            AllowIfSalvaging("The chunk PLTE is damaged: its CRC is wrong", chunk.ChunkOffset);
        }

        if (length == 0)
        {
            throw new ImageFormatException(
                $"PLTE has {chunk.Data.Length} bytes; expected 3 for each of 1 to {maximum / 3} colors.", chunk.ChunkOffset);
        }

        if (length != chunk.Data.Length)
        {
            _blemishes.Add(
                $"PLTE has {chunk.Data.Length} bytes; expected 3 for each of 1 to {maximum / 3} colors.",
                chunk.ChunkOffset,
                $"Those after the first {length} are ignored.");
        }

        HasPalette = true;
        Palette = chunk.Data[..length];
    }

    private void ReadOther(PngChunkReader chunk)
    {
        if (!chunk.IsAncillary && DataOffset == 0)
        {
            string problem = chunk.Type == HeaderType ? "There is a second IHDR chunk; expected one"
                : $"The chunk {chunk.TypeName} is critical and not supported";
            AllowIfSalvaging(problem, chunk.ChunkOffset);
        }
        else if (!chunk.HasLetters)
        {
            Ignore($"A chunk has type 0x{chunk.Type:X8}; expected four ASCII letters", chunk);
        }
        else if (!chunk.IsIntact)
        {
            IgnoreDamaged(chunk);
        }
        else if (!chunk.IsAncillary)
        {
            Ignore($"The critical chunk {chunk.TypeName} is after the image data", chunk);
        }
        else if (chunk.Type == ExifType)
        {
            // The content of the chunk is that of an APP1 segment in JPEG without this prefix.
            Orientation ??= ExifOrientation.Read([.. "Exif\0\0"u8, .. chunk.Data]);
        }
        else if (chunk.Type == TransparencyType)
        {
            ReadTransparency(chunk);
        }
        else if (PngColorSpace.Knows(chunk.Type))
        {
            PngColorSpace color = Color;
            if (DataOffset != 0 || !color.Add(chunk.Type, chunk.Data))
            {
                Ignore($"{chunk.TypeName} is the second, or after the image data", chunk);
            }

            Color = color;
        }
    }

    private void ReadTransparency(PngChunkReader chunk)
    {
        int length = chunk.Data.Length;
        (int minimum, int maximum) = Header.ColorType switch
        {
            PngColorType.Palette => (1, Palette.Length / 3),
            PngColorType.Gray or PngColorType.Rgb => (2 * Header.SamplesPerPixel, 2 * Header.SamplesPerPixel),
            _ => (0, 0),
        };
        if (DataOffset != 0 || !Transparency.IsEmpty)
        {
            Ignore("tRNS is the second, or after the image data", chunk);
        }
        else if (maximum == 0)
        {
            Ignore(Header.ColorType == PngColorType.Palette ? "tRNS is before PLTE" : "tRNS is in an image with an alpha channel", chunk);
        }
        else if (length < minimum || length > maximum)
        {
            Ignore($"tRNS has {length} bytes; expected {minimum}{(minimum == maximum ? "" : $" to {maximum}")}", chunk);
        }
        else
        {
            Transparency = chunk.Data;
        }
    }

    /// <summary>The file ends: an error if there are no pixels yet.</summary>
    private void End(string problem, int offset)
    {
        if (DataOffset == 0)
        {
            throw CutShort(problem + ", before the image data", offset);
        }

        if (DataEnd == offset)
        {
            Gap ??= "the file ends after IDAT";
        }

        _blemishes.Add(problem + ".", offset, cause: "cut short");
    }

    private readonly void Ignore(string problem, PngChunkReader chunk) =>
        _blemishes.Add(problem + ".", chunk.ChunkOffset, "It is ignored.");

    private readonly void IgnoreDamaged(PngChunkReader chunk) =>
        Ignore($"The chunk {chunk.TypeName} is damaged: its CRC is wrong", chunk);

    /// <summary>What makes the pixels doubtful is an error, unless the setting is to read what can be read.</summary>
    private readonly void AllowIfSalvaging(string problem, int offset)
    {
        if (!_salvages)
        {
            throw new ImageFormatException(problem + ".", offset);
        }

        _blemishes.Add(problem + ".", offset);
    }

    private static ImageFormatException CutShort(string problem, int offset) => new(problem + ".", offset) { Cause = "cut short" };
}
