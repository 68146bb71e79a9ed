using System.Buffers.Binary;
using System.Text;

namespace SimNet.Embeddings;

/// <summary>Walks over a PNG's chunks and checks each one's length, name and check value before giving its data.</summary>
internal ref struct PngChunkReader(ReadOnlySpan<byte> file, int offset)
{
    private const int Overhead = 12;
    private readonly ReadOnlySpan<byte> _file = file;

    /// <summary>Where the current chunk starts, its length field first.</summary>
    public int ChunkOffset { get; private set; } = offset;

    /// <summary>Where the next chunk starts.</summary>
    public int NextOffset { get; private set; } = offset;

    /// <summary>The current chunk's name, four ASCII letters as a big-endian number.</summary>
    public uint Type { get; private set; }

    /// <summary>The current chunk's data.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>The current chunk's name as text.</summary>
    public readonly string TypeName => Name(Type);

    /// <summary>Whether a decoder may pass over the current chunk without knowing it: its first letter is small.</summary>
    public readonly bool IsAncillary => (Type & 0x2000_0000) != 0;

    /// <summary>Goes to the next chunk.</summary>
    /// <exception cref="ImageFormatException">There is none, it is cut off or it is damaged.</exception>
    public void Read()
    {
        ChunkOffset = NextOffset;
        ReadOnlySpan<byte> rest = _file[ChunkOffset..];
        if (rest.Length < Overhead)
        {
            throw new ImageFormatException(
                $"The file ends{(rest.IsEmpty ? "" : $" after {rest.Length} of a chunk's at least {Overhead} bytes")}; expected chunks up to IEND.",
                ChunkOffset);
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        Type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        foreach (byte letter in rest.Slice(4, 4))
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw new ImageFormatException($"The chunk's name is {Type:X8} in hexadecimal; expected four ASCII letters.", ChunkOffset + 4);
            }
        }

        if (length > (uint)(rest.Length - Overhead))
        {
            throw new ImageFormatException(
                $"The chunk {TypeName} claims {length} bytes of data; the file has {rest.Length - Overhead} left.", ChunkOffset);
        }

        Data = rest.Slice(8, (int)length);
        uint expected = BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + Data.Length)..]);
        uint actual = Crc32.Compute(rest.Slice(4, 4 + Data.Length));
        if (actual != expected)
        {
            throw new ImageFormatException(
                $"The chunk {TypeName} is damaged: its check value is {actual:X8}; {expected:X8} is written.", ChunkOffset);
        }

        NextOffset = ChunkOffset + Overhead + Data.Length;
    }

    /// <summary>A chunk's name as text.</summary>
    public static string Name(uint type)
    {
        Span<byte> letters = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(letters, type);
        return Encoding.ASCII.GetString(letters);
    }
}
