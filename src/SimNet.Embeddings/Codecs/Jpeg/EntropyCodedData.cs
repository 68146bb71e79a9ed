using System.Diagnostics.CodeAnalysis;

namespace SimNet.Embeddings;

/// <summary>
/// The entropy-coded segments of a scan (ITU T.81, B.1.1.5). Each is copied without its stuffed zero bytes, so that reading bits does not
/// have to check for markers, and padded with zeros.
/// </summary>
internal ref struct EntropyCodedData
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly Span<byte> _bytes;
    private int _start;
    private int _length;
    private int _restarts;

    /// <summary>Reads the bits of the current segment.</summary>
    public BitReader Reader;

    /// <summary>Opens the first segment.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="start">The offset of the first segment.</param>
    /// <param name="buffer">A buffer for the rest of the file and <see cref="BitReader.Padding"/>.</param>
    public EntropyCodedData(ReadOnlySpan<byte> file, int start, Span<byte> buffer)
    {
        _file = file;
        _bytes = buffer;
        Open(start);
    }

    /// <summary>The offset in the file at which the current segment ends: that of a marker, or the end of the file.</summary>
    public int End { get; private set; }

    /// <summary>Reads the restart marker that is expected after the current segment (E.2.4) and opens the next segment.</summary>
    public void Restart()
    {
        int position = End;
        while (position < _file.Length && _file[position] == 0xFF)
        {
            position++;
        }

        int expected = JpegMarker.FirstRestart + (_restarts & 7);
        if (position >= _file.Length)
        {
            throw new ImageFormatException($"The file ends; expected restart marker FF{expected:X2}.", _file.Length);
        }

        if (_file[position] != expected)
        {
            throw new ImageFormatException(
                $"Unexpected marker FF{_file[position]:X2}; expected restart marker FF{expected:X2}.", position - 1);
        }

        _restarts++;
        Open(position + 1);
    }

    /// <summary>Throws if more bits than those of the current segment are consumed. Call it after every block.</summary>
    public readonly void ThrowIfPastEnd()
    {
        if (Reader.IsPastEnd(_length))
        {
            ThrowPastEnd();
        }
    }

    /// <summary>Throws because the bits just read are invalid.</summary>
    [DoesNotReturn]
    public readonly void Throw(string problem)
    {
        if (Reader.IsPastEnd(_length))
        {
            ThrowPastEnd();
        }

        throw new ImageFormatException(problem, FileOffset((int)(Reader.Consumed >> 3)));
    }

    [DoesNotReturn]
    private readonly void ThrowPastEnd() => throw new ImageFormatException(
        End < _file.Length - 1
            ? $"The entropy-coded data ends with marker FF{_file[End + 1]:X2} before its last block."
            : "The file ends inside entropy-coded data; it is truncated.",
        End);

    private void Open(int start)
    {
        _start = start;
        _length = 0;
        int position = start;
        while (true)
        {
            ReadOnlySpan<byte> rest = _file[position..];
            int plain = rest.IndexOf((byte)0xFF);
            if (plain < 0)
            {
                rest.CopyTo(_bytes[_length..]);
                _length += rest.Length;
                End = _file.Length;
                break;
            }

            bool isStuffed = plain + 1 < rest.Length && rest[plain + 1] == 0;
            int kept = isStuffed ? plain + 1 : plain;
            rest[..kept].CopyTo(_bytes[_length..]);
            _length += kept;
            position += plain;
            if (!isStuffed)
            {
                End = position;
                break;
            }

            position += 2;
        }

        _bytes.Slice(_length, BitReader.Padding).Clear();
        Reader = new BitReader(_bytes);
    }

    /// <summary>Returns the offset in the file of a byte of the current segment.</summary>
    private readonly int FileOffset(int index)
    {
        int position = _start;
        for (; index > 0 && position < End; index--)
        {
            position += _file[position] == 0xFF ? 2 : 1;
        }

        return position;
    }
}
