using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace SimNet.Embeddings;

/// <summary>Reads the chunks of a PNG one by one, as far as they are there, and checks the CRC of each.</summary>
internal ref struct PngChunkReader(ReadOnlySpan<byte> file, int offset)
{
    private const int Overhead = 12;
    private readonly ReadOnlySpan<byte> _file = file;

    /// <summary>The offset of the current chunk, which starts with its length field.</summary>
    public int ChunkOffset { get; private set; } = offset;

    /// <summary>The offset of the next chunk; the length of the file if there is none.</summary>
    public int NextOffset { get; private set; } = offset;

    /// <summary>The type of the current chunk: four ASCII letters as a big-endian number.</summary>
    public uint Type { get; private set; }

    /// <summary>The data of the current chunk; what there is of it if <see cref="IsCut"/>.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>The number of bytes that the current chunk says it has.</summary>
    public uint Length { get; private set; }

    /// <summary>Whether the file ends within the data or the CRC of the current chunk.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether the CRC of the current chunk is there and right.</summary>
    public bool IsIntact { get; private set; }

    /// <summary>The type of the current chunk as text.</summary>
    public readonly string TypeName => Name(Type);

    /// <summary>Whether the current chunk is ancillary: a decoder may skip it. Its first letter is lowercase.</summary>
    public readonly bool IsAncillary => (Type & 0x2000_0000) != 0;

    /// <summary>Whether the type of the current chunk consists of letters.</summary>
    public readonly bool HasLetters
    {
        get
        {
            for (int shift = 0; shift < 32; shift += 8)
            {
                if (!char.IsAsciiLetter((char)((Type >> shift) & 0xFF)))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Reads the next chunk.</summary>
    /// <returns>Whether there is one, at least its length and its type.</returns>
    public bool Read()
    {
        ChunkOffset = NextOffset;
        ReadOnlySpan<byte> rest = _file[ChunkOffset..];
        if (rest.Length < 8)
        {
            return false;
        }

        Length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        Type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        IsCut = rest.Length < Overhead || Length > (uint)(rest.Length - Overhead);
        Data = rest.Slice(8, (int)Math.Min(Length, (uint)rest.Length - 8));
        IsIntact = !IsCut
            && Crc32.HashToUInt32(rest.Slice(4, 4 + Data.Length)) == BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + Data.Length)..]);
        NextOffset = IsCut ? _file.Length : ChunkOffset + Overhead + Data.Length;
        return true;
    }

    /// <summary>Converts the type of a chunk to text; other characters than letters become question marks.</summary>
    public static string Name(uint type)
    {
        Span<byte> letters = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(letters, type);
        foreach (ref byte letter in letters)
        {
            letter = letter is >= 32 and < 127 ? letter : (byte)'?';
        }

        return Encoding.ASCII.GetString(letters);
    }
}
