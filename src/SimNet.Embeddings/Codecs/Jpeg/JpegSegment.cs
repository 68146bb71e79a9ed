using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>The fields of one marker segment (ITU T.81, B.1.1.4), read in order and never past its end.</summary>
internal ref struct JpegSegment
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly int _end;
    private readonly string _name;

    /// <summary>Opens the segment with its length field at <paramref name="offset"/>.</summary>
    public JpegSegment(ReadOnlySpan<byte> file, int offset, string name)
    {
        if (file.Length - offset < 2)
        {
            throw new ImageFormatException($"The file ends inside the length field of segment {name}.", file.Length)
            {
                Cause = "cut short",
            };
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(file[offset..]);
        if (length < 2)
        {
            throw new ImageFormatException($"Segment {name} has length {length}; expected at least 2.", offset);
        }

        if (length > file.Length - offset)
        {
            throw new ImageFormatException(
                $"Segment {name} has length {length}; expected at most {file.Length - offset}, the rest of the file.", offset)
            {
                Cause = "cut short",
            };
        }

        _file = file;
        _name = name;
        _end = offset + length;
        Offset = offset + 2;
    }

    /// <summary>The offset in the file of the next field.</summary>
    public int Offset { get; private set; }

    /// <summary>The offset in the file of the end of the segment.</summary>
    public readonly int End => _end;

    public readonly int Remaining => _end - Offset;

    /// <summary>The bytes that are not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _file[Offset.._end];

    public byte ReadByte() => Take(1)[0];

    public int ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
        {
            throw new ImageFormatException($"Segment {_name} ends after {Remaining} bytes; expected {count}.", Offset);
        }

        ReadOnlySpan<byte> bytes = _file.Slice(Offset, count);
        Offset += count;
        return bytes;
    }

    public readonly void ExpectEnd()
    {
        if (Remaining != 0)
        {
            throw new ImageFormatException($"Segment {_name} has {Remaining} bytes after its fields; expected none.", Offset);
        }
    }
}
