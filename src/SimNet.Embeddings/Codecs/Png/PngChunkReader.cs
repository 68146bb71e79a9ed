using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace SimNet.Embeddings;

/// <summary>Reads the chunks of a PNG one by one and checks the length, the type and the CRC of each.</summary>
internal ref struct PngChunkReader(ReadOnlySpan<byte> file, int offset)
{
    private const int Overhead = 12;
    private readonly ReadOnlySpan<byte> _file = file;

    /// <summary>The offset of the current chunk, which starts with its length field.</summary>
    public int ChunkOffset { get; private set; } = offset;

    /// <summary>The offset of the next chunk.</summary>
    public int NextOffset { get; private set; } = offset;

    /// <summary>The type of the current chunk: four ASCII letters as a big-endian number.</summary>
    public uint Type { get; private set; }

    /// <summary>The data of the current chunk.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>The type of the current chunk as text.</summary>
    public readonly string TypeName => Name(Type);

    /// <summary>Whether the current chunk is ancillary: a decoder may skip it. Its first letter is lowercase.</summary>
    public readonly bool IsAncillary => (Type & 0x2000_0000) != 0;

    /// <summary>Reads the next chunk.</summary>
    /// <exception cref="ImageFormatException">There is no further chunk, or it is truncated or damaged.</exception>
    public void Read()
    {
        ChunkOffset = NextOffset;
        ReadOnlySpan<byte> rest = _file[ChunkOffset..];
        if (rest.Length < Overhead)
        {
            throw new ImageFormatException(
                $"The file ends{(rest.IsEmpty ? "" : $" after {rest.Length} of at least {Overhead} bytes of a chunk")}; "
                + "expected chunks up to IEND.",
                ChunkOffset);
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        Type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        foreach (byte letter in rest.Slice(4, 4))
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw new ImageFormatException($"The chunk has type 0x{Type:X8}; expected four ASCII letters.", ChunkOffset + 4);
            }
        }

        if (length > (uint)(rest.Length - Overhead))
        {
            throw new ImageFormatException(
                $"The chunk {TypeName} has a length of {length} bytes; expected at most {rest.Length - Overhead}, the rest of the file.",
                ChunkOffset);
        }

        Data = rest.Slice(8, (int)length);
        uint expected = BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + Data.Length)..]);
        uint actual = Crc32.HashToUInt32(rest.Slice(4, 4 + Data.Length));
        if (actual != expected)
        {
            throw new ImageFormatException(
                $"The chunk {TypeName} is damaged: its CRC is {actual:X8}; expected {expected:X8}.", ChunkOffset);
        }

        NextOffset = ChunkOffset + Overhead + Data.Length;
    }

    /// <summary>Converts the type of a chunk to text.</summary>
    public static string Name(uint type)
    {
        Span<byte> letters = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(letters, type);
        return Encoding.ASCII.GetString(letters);
    }
}
