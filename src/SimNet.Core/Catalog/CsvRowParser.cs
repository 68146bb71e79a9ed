using System.Text;

namespace SimNet.Core;

/// <summary>
/// Parses one row of a CSV file (RFC 4180), line by line, since a field in quotes may contain line breaks. Blanks around fields are
/// removed.
/// </summary>
internal sealed class CsvRowParser(char separator)
{
    private readonly List<string> _fields = [];
    private readonly StringBuilder _field = new();
    private State _state;

    /// <summary>The first characters of the current field as they are in the file.</summary>
    private string _start = "";

    private enum State
    {
        BeforeField,
        Plain,
        Quoted,
        AfterQuote,
        AfterField,
    }

    /// <summary>Whether the row continues on the next line.</summary>
    public bool IsOpen => _state == State.Quoted;

    /// <summary>The start of the current field, for messages.</summary>
    public string Start => _start;

    /// <summary>Parses the next line of the row.</summary>
    /// <param name="line">The line, with its line break if there is one.</param>
    /// <returns>Whether the line is valid. If not, the current field has quotes in the wrong place.</returns>
    public bool Add(string line)
    {
        for (int i = 0; i < line.Length; i++)
        {
            char character = line[i];
            switch (_state)
            {
                case State.Quoted:
                    if (character == '"')
                    {
                        _state = State.AfterQuote;
                    }
                    else
                    {
                        _field.Append(character);
                    }

                    break;
                case State.AfterQuote when character == '"':
                    _field.Append('"');
                    _state = State.Quoted;
                    break;
                case State.BeforeField or State.Plain or State.AfterQuote or State.AfterField when character == separator:
                    EndField();
                    break;
                case State.AfterQuote or State.AfterField:
                    if (!char.IsWhiteSpace(character))
                    {
                        return false;
                    }

                    _state = State.AfterField;
                    break;
                case State.BeforeField when char.IsWhiteSpace(character):
                    break;
                case State.BeforeField:
                    _start = Shorten(line.AsSpan(i));
                    if (character == '"')
                    {
                        _state = State.Quoted;
                        break;
                    }

                    _state = State.Plain;
                    _field.Append(character);
                    break;
                default:
                    if (character == '"')
                    {
                        return false;
                    }

                    _field.Append(character);
                    break;
            }
        }

        return true;
    }

    /// <summary>Returns the fields of the row.</summary>
    public string[] Finish()
    {
        EndField();
        return [.. _fields];
    }

    private void EndField()
    {
        if (_state == State.Plain)
        {
            while (char.IsWhiteSpace(_field[^1]))
            {
                _field.Length--;
            }
        }

        _fields.Add(_field.ToString());
        _field.Clear();
        _state = State.BeforeField;
    }

    private static string Shorten(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny('\r', '\n');
        int length = Math.Min(end < 0 ? text.Length : end, 40);
        return length == (end < 0 ? text.Length : end) ? text[..length].ToString() : $"{text[..length]}...";
    }
}
