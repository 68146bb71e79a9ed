using System.IO.Compression;

namespace SimNet.Embeddings;

/// <summary>Reads the rows of a PNG from its compressed data, as many as there are.</summary>
internal sealed class PngRowReader
{
    /// <summary>A pass of one row is read in parts of this many columns, so that the row takes no memory besides its pixels.</summary>
    private const int PartColumns = 1 << 16;

    private readonly PngHeader _header;
    private readonly PngPixelConverter _converter;
    private byte[] _row, _previous;
    private readonly byte[] _dense;

    /// <summary>Initializes a new instance of the <see cref="PngRowReader"/> class.</summary>
    /// <param name="header">The header.</param>
    /// <param name="converter">Converts the rows.</param>
    public PngRowReader(PngHeader header, PngPixelConverter converter)
    {
        _header = header;
        _converter = converter;
        int columns = LongestColumns(header);
        _row = new byte[header.FilterDistance + header.RowBytes(columns)];
        _previous = new byte[_row.Length];
        _dense = header.Interlaced ? new byte[columns * header.Channels] : [];
    }

    /// <summary>The pixels that were read, in stored order.</summary>
    public long PixelsRead { get; private set; }

    /// <summary>The rows that were read, of all passes.</summary>
    public long RowsRead { get; private set; }

    /// <summary>Why the rows end early; null if all were read.</summary>
    public string? Problem { get; private set; }

    /// <summary>The exception of the decompressor; null if there is none.</summary>
    public Exception? Damage { get; private set; }

    /// <summary>
    /// Whether the rows end early because the data is damaged: it cannot be decompressed, or names a filter that does not exist.
    /// </summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Whether there is more data after the last row.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Returns the bytes of memory that a reader takes.</summary>
    public static long Memory(PngHeader header)
    {
        long columns = LongestColumns(header);
        return (2 * (header.FilterDistance + header.RowBytes((int)columns))) + (header.Interlaced ? columns * header.Channels : 0);
    }

    /// <summary>Reads all rows, or as many as there are.</summary>
    /// <param name="scanlines">The decompressed data.</param>
    /// <param name="pixels">Receives the pixels; the array is created when the first row is there, if it is null.</param>
    /// <param name="create">Creates the array.</param>
    public void Read(Stream scanlines, ref byte[]? pixels, Func<byte[]> create)
    {
        foreach (PngPass pass in _header.Passes)
        {
            int columns = pass.Columns(_header.Width), rows = columns == 0 ? 0 : pass.Rows(_header.Height);
            Array.Clear(_previous);
            for (int i = 0; i < rows; i++)
            {
                int y = pass.Y + (i * pass.StepY);
                bool isRead = rows == 1 && columns > PartColumns
                    ? ReadParts(scanlines, columns, y, pass, ref pixels, create)
                    : ReadRow(scanlines, columns, y, pass, ref pixels, create);
                if (!isRead)
                {
                    return;
                }

                RowsRead++;
                PixelsRead += columns;
            }
        }

        // Reading past the last row makes the decompressor check the Adler-32 checksum.
        HasMore = ReadBytes(scanlines, _row.AsSpan(0, 1)) != 0;
    }

    private static int LongestColumns(PngHeader header)
    {
        int longest = 1;
        foreach (PngPass pass in header.Passes)
        {
            int columns = pass.Columns(header.Width);
            longest = Math.Max(longest, pass.Rows(header.Height) > 1 ? columns : Math.Min(columns, PartColumns));
        }

        return longest;
    }

    private bool ReadRow(Stream scanlines, int columns, int y, PngPass pass, ref byte[]? pixels, Func<byte[]> create)
    {
        int length = (int)_header.RowBytes(columns);
        Span<byte> row = _row.AsSpan(0, length);
        if (!ReadFilter(scanlines, y, length, out byte filter) || !Fill(scanlines, row, y, length))
        {
            return false;
        }

        PngFilter.Reverse(filter, row, _previous, _header.FilterDistance);
        pixels ??= create();
        Store(row, 0, columns, y, pass, pixels);
        (_row, _previous) = (_previous, _row);
        return true;
    }

    /// <summary>
    /// Reads the only row of a pass in parts. Each starts after the last pixel of the part before, which its filter refers to.
    /// </summary>
    private bool ReadParts(Stream scanlines, int columns, int y, PngPass pass, ref byte[]? pixels, Func<byte[]> create)
    {
        int distance = _header.FilterDistance;
        if (!ReadFilter(scanlines, y, (int)Math.Min(_header.RowBytes(columns), int.MaxValue), out byte filter))
        {
            return false;
        }

        Array.Clear(_row, 0, distance);
        for (int x = 0; x < columns; x += PartColumns)
        {
            int part = Math.Min(columns - x, PartColumns), length = (int)_header.RowBytes(part);
            if (!Fill(scanlines, _row.AsSpan(distance, length), y, (int)Math.Min(_header.RowBytes(columns - x), int.MaxValue)))
            {
                return false;
            }

            PngFilter.Reverse(filter, _row.AsSpan(0, distance + length), _previous, distance);
            pixels ??= create();
            Store(_row.AsSpan(distance, length), x, part, y, pass, pixels);
            _row.AsSpan(length, distance).CopyTo(_row);
        }

        return true;
    }

    private bool ReadFilter(Stream scanlines, int y, int length, out byte filter)
    {
        filter = 0;
        Span<byte> type = stackalloc byte[1];
        if (ReadBytes(scanlines, type) == 0)
        {
            Problem ??= $"The image data ends {length + 1L} bytes before the end of row {y}.";
            return false;
        }

        filter = type[0];
        if (filter > PngFilter.Paeth)
        {
            IsDamaged = true;
            Problem = $"Row {y} has filter {filter}; expected 0 to {PngFilter.Paeth}.";
            return false;
        }

        return true;
    }

    private bool Fill(Stream scanlines, Span<byte> bytes, int y, int rest)
    {
        int got = ReadBytes(scanlines, bytes);
        if (got < bytes.Length)
        {
            Problem ??= $"The image data ends {rest - got} bytes before the end of row {y}.";
        }

        return got == bytes.Length;
    }

    private int ReadBytes(Stream scanlines, Span<byte> bytes)
    {
        try
        {
            return scanlines.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            Damage = exception;
            IsDamaged = true;
            Problem = $"The compressed data is damaged: {exception.Message}";
            return 0;
        }
    }

    private void Store(ReadOnlySpan<byte> row, int x, int columns, int y, PngPass pass, byte[] pixels)
    {
        int channels = _header.Channels;
        Span<byte> line = pixels.AsSpan(y * _header.Width * channels, _header.Width * channels);
        if (!_header.Interlaced)
        {
            _converter.Convert(row, line.Slice(x * channels, columns * channels));
            return;
        }

        Span<byte> dense = _dense.AsSpan(0, columns * channels);
        _converter.Convert(row, dense);
        for (int from = 0, to = (pass.X + (x * pass.StepX)) * channels; from < dense.Length; from += channels, to += pass.StepX * channels)
        {
            dense.Slice(from, channels).CopyTo(line[to..]);
        }
    }
}
