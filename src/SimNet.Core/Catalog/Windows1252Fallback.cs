using System.Text;

namespace SimNet.Core;

/// <summary>
/// Reads the bytes of a UTF-8 text that are not UTF-8 as Windows-1252, a superset of Latin-1, in which older programs write tables. The
/// letters beyond ASCII of such a text are hardly ever valid UTF-8 by chance.
/// </summary>
internal sealed class Windows1252Fallback : DecoderFallback
{
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>UTF-8 with this fallback.</summary>
    public static Encoding Utf8 { get; } = CreateUtf8();

    public override int MaxCharCount => 3;

    public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer();

    private static Encoding CreateUtf8()
    {
        var encoding = (Encoding)new UTF8Encoding(encoderShouldEmitUTF8Identifier: true).Clone();
        encoding.DecoderFallback = new Windows1252Fallback();
        return encoding;
    }

    private sealed class Buffer : DecoderFallbackBuffer
    {
        private string _text = "";
        private int _next;

        public override int Remaining => _text.Length - _next;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            (_text, _next) = (Windows1252.GetString(bytesUnknown), 0);
            return true;
        }

        public override char GetNextChar() => _next < _text.Length ? _text[_next++] : '\0';

        public override bool MovePrevious()
        {
            if (_next == 0)
            {
                return false;
            }

            _next--;
            return true;
        }

        public override void Reset() => (_text, _next) = ("", 0);
    }
}
