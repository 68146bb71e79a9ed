namespace SimNet.Embeddings;

/// <summary>
/// The entropy-coded segments of a scan (ITU T.81, B.1.1.5). They are copied without stuffed zero bytes to a window, so that reading bits
/// does not have to check for markers. After the last byte of a segment the window has zeros, which a decoder reads as libjpeg does.
/// </summary>
internal ref struct EntropyCodedData
{
    /// <summary>The length of the window, without the padding.</summary>
    private const int MaxWindow = 1 << 16;

    private readonly ReadOnlySpan<byte> _file;
    private readonly Span<byte> _window;
    private readonly BlemishList _blemishes;
    private int _start;
    private int _next;
    private int _length;
    private long _discarded;
    private int _refillAt;
    private int _restarts;
    private string? _problem;

    /// <summary>Reads the bits of the current segment.</summary>
    public BitReader Reader;

    /// <summary>Opens the first segment.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="start">The offset of the first segment.</param>
    /// <param name="window">A buffer of the length that <see cref="WindowLength"/> returns, or more.</param>
    /// <param name="blemishes">Receives the blemishes.</param>
    public EntropyCodedData(ReadOnlySpan<byte> file, int start, Span<byte> window, BlemishList blemishes)
    {
        _file = file;
        _window = window[..WindowLength(file.Length)];
        _blemishes = blemishes;
        Open(start);
    }

    /// <summary>The offset at which the current segment ends, once it is read: that of a marker, or the end of the file.</summary>
    public int End { get; private set; }

    /// <summary>Whether the current segment has ended before its last MCU. Its further MCUs have no coefficients.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>The number of restart intervals that are lost because their marker is missing.</summary>
    public int LostIntervals { get; private set; }

    /// <summary>Whether the MCUs just decoded need more bits than the segment has.</summary>
    public readonly bool IsPastEnd => Reader.IsPastEnd(_length);

    /// <summary>Whether the MCU just decoded needs more bits than the segment has, or has an invalid code.</summary>
    public readonly bool IsInTrouble => Reader.IsPastEnd(_length) || _problem is not null;

    /// <summary>Whether the current segment is without any byte and ends at a restart marker: its own marker is missing or wrong.</summary>
    public readonly bool IsLostInterval => _length == 0 && _discarded == 0 && JpegMarker.IsRestart(MarkerAt(End));

    /// <summary>The length of the window that a file needs.</summary>
    public static int WindowLength(int fileLength) => Math.Min(fileLength, MaxWindow) + BitReader.Padding;

    /// <summary>Returns the offset of the first marker after a scan that is not decoded.</summary>
    public static int SkipScan(ReadOnlySpan<byte> file, int position)
    {
        while ((position = NextMarker(file, position)) < file.Length && JpegMarker.IsRestart(MarkerAt(file, position)))
        {
            position += 2;
        }

        return position;
    }

    /// <summary>Prepares for an MCU: afterward the window has enough bytes for it.</summary>
    public void BeginMcu()
    {
        if (Reader.Position > _refillAt)
        {
            Refill();
        }
    }

    /// <summary>Records that a code of the MCU is invalid.</summary>
    public void SetProblem(string problem) => _problem ??= problem;

    /// <summary>
    /// Reads the restart marker that is expected after the current segment (E.2.4) and opens the next segment. If the marker is another
    /// one, it resumes where libjpeg does: markers that come too early, or that are of no use, are skipped; a marker that is one or two too
    /// far leaves the interval empty, and so does the end of the scan.
    /// </summary>
    public void Restart()
    {
        int expected = _restarts++ & 7;
        NoteUnusedBytes();
        int position = End;
        for (bool isFirst = true; ; isFirst = false)
        {
            int marker = MarkerAt(position);
            int ahead = JpegMarker.IsRestart((byte)marker) ? (marker - JpegMarker.FirstRestart - expected) & 7 : -1;
            if (isFirst && ahead != 0)
            {
                _blemishes.Add(
                    $"Restart marker FF{JpegMarker.FirstRestart + expected:X2} is missing; there is "
                    + (position < _file.Length ? $"FF{marker:X2} instead." : "the end of the file instead."),
                    position);
            }

            if (ahead is 0 or 3 or 4 or 5)
            {
                Open(AfterMarker(position));
                return;
            }

            if (ahead is 1 or 2 || (ahead < 0 && marker >= JpegMarker.BaselineFrame))
            {
                LostIntervals++;
                Empty(position);
                return;
            }

            position = NextMarker(_file, AfterMarker(position));
        }
    }

    /// <summary>Notes bytes after the last MCU of the scan, and finds its end.</summary>
    public void Finish() => NoteUnusedBytes();

    /// <summary>Returns what is wrong with the MCU just decoded, and goes on as libjpeg does: after the end there is nothing.</summary>
    /// <param name="share">What is there, such as "after 70 % of the rows".</param>
    public ImageFormatException TakeTrouble(string share)
    {
        string? problem = _problem;
        _problem = null;
        if (!IsPastEnd && !IsExhausted)
        {
            return new ImageFormatException($"The image is damaged {share}: {problem}", FileOffset(_discarded + (Reader.Consumed >> 3)));
        }

        IsExhausted = true;
        bool isCut = End >= _file.Length - 1 || MarkerAt(End) == JpegMarker.EndOfImage;
        return new ImageFormatException(
            isCut
                ? $"The image is cut short {share}: the entropy-coded data ends before its last block."
                : $"The image is damaged {share}: the entropy-coded data ends with marker FF{MarkerAt(End):X2} before its last block.",
            Math.Min(End, _file.Length))
        {
            Cause = isCut ? "cut short" : "damaged",
        };
    }

    /// <summary>Goes on after a restart interval that is lost.</summary>
    public void Exhaust()
    {
        _problem = null;
        IsExhausted = true;
    }

    /// <summary>Returns the offset of the next marker, from its first fill byte; the length of the file if there is none.</summary>
    private static int NextMarker(ReadOnlySpan<byte> file, int position)
    {
        while (true)
        {
            int distance = position < file.Length ? file[position..].IndexOf((byte)0xFF) : -1;
            if (distance < 0)
            {
                return file.Length;
            }

            int start = position + distance;
            position = start + 1;
            while (position < file.Length && file[position] == 0xFF)
            {
                position++;
            }

            if (position < file.Length && file[position++] != 0)
            {
                return start;
            }
        }
    }

    private static byte MarkerAt(ReadOnlySpan<byte> file, int position)
    {
        while (position < file.Length && file[position] == 0xFF)
        {
            position++;
        }

        // libjpeg supplies an end-of-image marker at the end of a file.
        return position < file.Length ? file[position] : JpegMarker.EndOfImage;
    }

    private readonly byte MarkerAt(int position) => MarkerAt(_file, position);

    private readonly int AfterMarker(int position)
    {
        while (position < _file.Length && _file[position] == 0xFF)
        {
            position++;
        }

        return Math.Min(position + 1, _file.Length);
    }

    private void Open(int start)
    {
        _start = start;
        _next = start;
        _length = 0;
        _discarded = 0;
        IsExhausted = false;
        Reader = new BitReader(_window);
        Fill();
    }

    private void Empty(int position)
    {
        _start = position;
        _length = 0;
        _discarded = 0;
        End = position;
        _refillAt = int.MaxValue;
        _window[..BitReader.Padding].Clear();
        Reader = new BitReader(_window);
    }

    private void Refill()
    {
        int shift = Reader.Position;
        _window[shift.._length].CopyTo(_window);
        _length -= shift;
        _discarded += shift;
        Reader.Rebase();
        Fill();
    }

    /// <summary>Fills the window up to its padding, or to the end of the segment.</summary>
    private void Fill()
    {
        int capacity = _window.Length - BitReader.Padding;
        while (true)
        {
            ReadOnlySpan<byte> rest = _file.Slice(_next, Math.Min(_file.Length - _next, capacity - _length));
            int plain = rest.IndexOf((byte)0xFF);
            int count = plain < 0 ? rest.Length : plain;
            rest[..count].CopyTo(_window[_length..]);
            _length += count;
            _next += count;
            if (plain < 0 && _next < _file.Length)
            {
                // The window is full; the next MCU fits in the part before the padding's length.
                _refillAt = _length - BitReader.Padding;
                return;
            }

            int after = _next;
            while (after < _file.Length && _file[after] == 0xFF)
            {
                after++;
            }

            if (after == _file.Length || _file[after] != 0)
            {
                // A marker, with its fill bytes, or the end of the file.
                End = _next;
                _refillAt = int.MaxValue;
                _window.Slice(_length, BitReader.Padding).Clear();
                return;
            }

            if (after > _next + 1)
            {
                // B.1.1.2 allows fill bytes only before markers. libjpeg skips those before a stuffed byte too.
                _blemishes.Add("The entropy-coded data has fill bytes (FF) outside of markers.", _next);
            }

            _window[_length++] = 0xFF;
            _next = after + 1;
        }
    }

    private void NoteUnusedBytes()
    {
        long unused = _length - ((Reader.Consumed + 7) >> 3);
        if (_refillAt != int.MaxValue)
        {
            int end = NextMarker(_file, _next);
            unused += end - _next;
            End = end;
        }

        if (unused > 0 && !IsExhausted)
        {
            _blemishes.Add($"The entropy-coded data has {unused} bytes more than its blocks.", End);
        }
    }

    /// <summary>Returns the offset in the file of a byte of the current segment.</summary>
    private readonly int FileOffset(long index)
    {
        int position = _start;
        for (; index > 0 && position < _file.Length; index--)
        {
            position += _file[position] == 0xFF ? 2 : 1;
        }

        return Math.Min(position, _file.Length);
    }
}
