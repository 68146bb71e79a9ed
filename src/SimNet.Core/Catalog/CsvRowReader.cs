using System.Text;

namespace SimNet.Core;

/// <summary>
/// Reads the rows of a CSV file that are not blank, with their line numbers. A row that is not valid has a problem, and reading continues
/// at the line after its first one, so that a missing quote does not take the following rows with it.
/// </summary>
/// <remarks>
/// The text is UTF-8, UTF-16 or UTF-32 by its byte order mark, else UTF-16 if every other of the first bytes is 0, and else UTF-8 in which
/// invalid bytes are Windows-1252. The separator is the one of comma, semicolon, tab and vertical bar that the first row has most of.
/// </remarks>
internal sealed class CsvRowReader : IDisposable
{
    /// <summary>The largest length of a row. It ends the search for a missing closing quote.</summary>
    private const int MaxRowLength = 1 << 20;

    private readonly StreamReader _text;
    private readonly List<string> _readAhead = [];

    /// <summary>Attribute values repeat, so one string for each value keeps a large catalog small.</summary>
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);

    private char? _separator;
    private int _linesDone;

    public CsvRowReader(string path)
    {
        // A pipe would have to be waited for.
        Stream stream = FileContent.IsNone(path) ? Stream.Null
            : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> start = stackalloc byte[4];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        Encoding encoding = start[..length] switch
        {
            [not 0, 0, not 0, 0] => Encoding.Unicode,
            [0, not 0, 0, not 0] => Encoding.BigEndianUnicode,
            _ => Windows1252Fallback.Utf8,
        };
        _text = new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true);
    }

    /// <summary>The line of the file at which the current row starts, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The fields of the current row, without quotes; empty if it has a problem.</summary>
    public string[] Fields { get; private set; } = [];

    /// <summary>Why the current row is not valid: a cause of a few words, and a problem; <see langword="null"/> if it is valid.</summary>
    public (string Cause, string Text)? Problem { get; private set; }

    /// <summary>Advances to the next row that is not blank: one with a character other than blanks and separators.</summary>
    /// <returns>Whether there is such a row.</returns>
    public bool Read()
    {
        while (LineAt(0) is { } first)
        {
            if (string.IsNullOrWhiteSpace(first))
            {
                Take(1);
                continue;
            }

            if (_separator is null)
            {
                _separator = FindSeparator(first);

                // Excel's way to name the separator.
                if (first.TrimEnd() is ['s', 'e', 'p', '=', var named])
                {
                    _separator = named;
                    Take(1);
                    continue;
                }
            }

            Line = _linesDone + 1;
            if (ReadRow(_separator.Value))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _text.Dispose();

    /// <summary>Reads the row that starts at the next line.</summary>
    /// <returns>Whether it is not blank.</returns>
    private bool ReadRow(char separator)
    {
        var parser = new CsvRowParser(separator);
        (int lines, int length) = (0, 0);
        do
        {
            if (LineAt(lines) is not { } line)
            {
                return Fail("a missing quote", $"has the field {parser.Start} without a closing quote.");
            }

            lines++;
            length += line.Length;
            if (length > MaxRowLength)
            {
                return Fail(
                    parser.IsOpen ? "a missing quote" : "a long row",
                    $"starts a row longer than {MaxRowLength} characters; is a closing quote missing?");
            }

            if (line.Contains('\0', StringComparison.Ordinal))
            {
                return Fail("a NUL character", "has a NUL character; expected text.");
            }

            if (!parser.Add(line))
            {
                return Fail(
                    "a misplaced quote",
                    $"has the field {parser.Start}; expected quotes around the whole field and doubled quotes within it.");
            }
        }
        while (parser.IsOpen);

        Take(lines);
        string[] fields = parser.Finish();
        if (fields.All(field => field.Length == 0))
        {
            return false;
        }

        for (int i = 0; i < fields.Length; i++)
        {
            if (!_values.TryGetValue(fields[i], out string? known))
            {
                _values.Add(fields[i]);
                continue;
            }

            fields[i] = known;
        }

        (Fields, Problem) = (fields, null);
        return true;

        bool Fail(string cause, string problem)
        {
            Take(1);
            (Fields, Problem) = ([], (cause, problem));
            return true;
        }
    }

    private static char FindSeparator(string line)
    {
        bool quoted = false;
        var counts = new int[4];
        foreach (char character in line)
        {
            quoted ^= character == '"';
            int kind = ",;\t|".IndexOf(character, StringComparison.Ordinal);
            if (!quoted && kind >= 0)
            {
                counts[kind]++;
            }
        }

        return ",;\t|"[Array.IndexOf(counts, counts.Max())];
    }

    /// <summary>Returns a line after those that are taken, with its line break; <see langword="null"/> after the end.</summary>
    private string? LineAt(int index)
    {
        while (_readAhead.Count <= index)
        {
            if (ReadLine() is not { } line)
            {
                return null;
            }

            _readAhead.Add(line);
        }

        return _readAhead[index];
    }

    private void Take(int lines)
    {
        _readAhead.RemoveRange(0, lines);
        _linesDone += lines;
    }

    /// <summary>Reads a line with its line break. Of a line longer than a row can be, the rest is dropped.</summary>
    private string? ReadLine()
    {
        var line = new StringBuilder();
        while (_text.Read() is var next and >= 0)
        {
            if (line.Length <= MaxRowLength)
            {
                line.Append((char)next);
            }

            if (next == '\n' || (next == '\r' && _text.Peek() != '\n'))
            {
                return line.ToString();
            }
        }

        return line.Length > 0 ? line.ToString() : null;
    }
}
