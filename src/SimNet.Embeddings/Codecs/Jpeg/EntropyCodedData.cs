using System.Diagnostics.CodeAnalysis;

namespace SimNet.Embeddings;

/// <summary>
/// A scan's entropy-coded segments (ITU T.81, B.1.1.5): each is copied without its stuffed zeros, so that reading bits never has to
/// look out for markers, and followed by zeros.
/// </summary>
internal ref struct EntropyCodedData
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly Span<byte> _bytes;
    private int _start;
    private int _length;
    private int _restarts;

    /// <summary>The bits of the current segment.</summary>
    public BitReader Reader;

    /// <summary>The data at <paramref name="start"/>.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="start">Where the first segment starts.</param>
    /// <param name="buffer">Room for the rest of the file and <see cref="BitReader.Padding"/>.</param>
    public EntropyCodedData(ReadOnlySpan<byte> file, int start, Span<byte> buffer)
    {
        _file = file;
        _bytes = buffer;
        Open(start);
    }

    /// <summary>Where in the file the current segment ends: at a marker's 0xFF, or the file's end.</summary>
    public int End { get; private set; }

    /// <summary>Passes the restart marker that must stand after the current segment (E.2.4).</summary>
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
            throw new ImageFormatException($"The file ends where restart marker FF{expected:X2} was expected.", _file.Length);
        }

        if (_file[position] != expected)
        {
            throw new ImageFormatException($"Marker FF{_file[position]:X2} stands where restart marker FF{expected:X2} was expected.", position - 1);
        }

        _restarts++;
        Open(position + 1);
    }

    /// <summary>To be called after every block, before anything is read past the padding.</summary>
    public readonly void ExpectNotPast()
    {
        if (Reader.IsPast(_length))
        {
            ThrowPast();
        }
    }

    /// <summary>Throws because the bits just read make no sense.</summary>
    [DoesNotReturn]
    public readonly void Throw(string problem)
    {
        if (Reader.IsPast(_length))
        {
            ThrowPast();
        }

        throw new ImageFormatException(problem, FileOffset((int)(Reader.Taken >> 3)));
    }

    [DoesNotReturn]
    private readonly void ThrowPast() => throw new ImageFormatException(
        End < _file.Length - 1
            ? $"The entropy-coded data ends with marker FF{_file[End + 1]:X2} before its last block."
            : "The file ends inside entropy-coded data; it has been cut short.",
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

    /// <summary>Where in the file a byte of the current segment stands.</summary>
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
