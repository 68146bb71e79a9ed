using nietras.SeparatedValues;

namespace SimNet.Core;

/// <summary>Reads the rows of a CSV file that are not blank, with their line numbers.</summary>
internal sealed class CsvRowReader : IDisposable
{
    // Detects a missing closing quote, after which all following rows would be read as one field.
    private const int MaxRowLength = 1 << 20;

    private readonly string _path;
    private readonly SepReader _reader;
    private readonly int _blankLines;
    private int _nextLine;

    // Attribute values repeat, so pooled strings keep a large catalog small. The header is read as an ordinary row and the number of fields
    // is checked by the caller, because Sep's errors for a duplicate column or a missing field do not state the line. Quotes are removed
    // here, because Sep accepts quotes at any place.
    public CsvRowReader(string path)
    {
        _path = path;

        // Sep detects the separator in the first line that it reads, which must not be blank.
        _blankLines = CountLeadingBlankLines(path);
        _nextLine = _blankLines + 1;
        var text = new StreamReader(path);
        for (int i = 0; i < _blankLines; i++)
        {
            text.ReadLine();
        }

        _reader = Sep.Reader(options => options with
        {
            HasHeader = false,
            DisableColCountCheck = true,
            Trim = SepTrim.Outer,
            CreateToString = SepToString.PoolPerCol(),
        }).From(text);
    }

    /// <summary>The line of the file at which the current row starts, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The fields of the current row, without quotes.</summary>
    public string[] Fields { get; private set; } = [];

    /// <summary>Advances to the next row that is not blank.</summary>
    /// <returns>Whether there is such a row.</returns>
    /// <exception cref="CatalogFormatException">The row is too long, or has quotes in the wrong place.</exception>
    public bool Read()
    {
        try
        {
            while (_reader.MoveNext())
            {
                // Not LineNumberFrom, which is wrong for a row that ends with the file within quotes.
                Line = _nextLine;
                _nextLine = _blankLines + _reader.Current.LineNumberToExcl;
                if (!_reader.Current.Span.IsWhiteSpace())
                {
                    Fields = ReadFields(_reader.Current);
                    return true;
                }
            }

            return false;
        }
        catch (NotSupportedException exception)
        {
            throw new CatalogFormatException(
                _path, $"contains a row longer than {MaxRowLength} characters; is a closing quote missing?", exception);
        }
    }

    public void Dispose() => _reader.Dispose();

    private static int CountLeadingBlankLines(string path)
    {
        using var text = new StreamReader(path);
        int lines = 0;
        for (int character = text.Read(); character >= 0 && char.IsWhiteSpace((char)character); character = text.Read())
        {
            if (character == '\n' || (character == '\r' && text.Peek() != '\n'))
            {
                lines++;
            }
        }

        return lines;
    }

    private string[] ReadFields(SepReader.Row row)
    {
        if (row.Span.Length > MaxRowLength)
        {
            throw new CatalogFormatException(
                _path, $"the row at line {Line} is longer than {MaxRowLength} characters; is a closing quote missing?");
        }

        var fields = new string[row.ColCount];
        for (int i = 0; i < fields.Length; i++)
        {
            ReadOnlySpan<char> text = row[i].Span;
            if (!text.Contains('"'))
            {
                fields[i] = row[i].ToString();
                continue;
            }

            // The whole field is in quotes, and each quote within it is doubled.
            string inner = text.Length > 1 && text[0] == '"' && text[^1] == '"' ? text[1..^1].ToString() : "\"";
            if (inner.Replace("\"\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal))
            {
                throw new CatalogFormatException(
                    _path,
                    $"line {Line} has the field {Shorten(text)}; expected quotes around the whole field and doubled quotes within it.");
            }

            fields[i] = inner.Replace("\"\"", "\"", StringComparison.Ordinal);
        }

        return fields;
    }

    private static string Shorten(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny('\r', '\n');
        int length = Math.Min(end < 0 ? text.Length : end, 40);
        return length == text.Length ? text.ToString() : $"{text[..length]}...";
    }
}
