using System.Buffers.Binary;
using ImageMagick;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>What ImageMagick's messages tell.</summary>
internal static class MagickMessage
{
    /// <summary>Phrases in warnings of ImageMagick's libraries that tell of pixels that are missing or wrong.</summary>
    private static readonly string[] s_missingPixels =
    [
        "premature", "truncated", "not enough data", "end of file", "endoffile", "bad Huffman code", "corrupt data",
        "Corrupt JPEG data: bad", "Read error", "could not read", "unable to read",
    ];

    /// <summary>Phrases in errors that tell of an early end of the file.</summary>
    private static readonly string[] s_cutShort =
    [
        "end of file", "endoffile", "premature", "truncated", "inconsistent with stream length", "Stream too short",
        "IO error during reading", "Can not read TIFF directory", "Read error on",
    ];

    /// <summary>Phrases in errors that tell of features that are not supported.</summary>
    private static readonly string[] s_notSupported = ["not supported", "NotSupported", "unsupported", "not configured"];

    /// <summary>The message without the place in ImageMagick's source and the name of a temporary file.</summary>
    public static string Clean(string message)
    {
        int place = message.LastIndexOf(" @ ", StringComparison.Ordinal);
        string text = place < 0 ? message : message[..place];
        int file = text.LastIndexOf(" `", StringComparison.Ordinal);
        text = (file < 0 ? text : text[..file]).ReplaceLineEndings(" ").Trim(' ', '.');
        return text.Contains(' ', StringComparison.Ordinal) ? text : SplitWords(text);
    }

    public static bool TellsOfMissingPixels(string message) => Contains(message, s_missingPixels);

    /// <summary>The exception for an image of which pixels are missing.</summary>
    public static ImageFormatException Incomplete(string warning, long offset) =>
        new($"Pixels are missing or damaged: {warning}", offset) { Cause = "cut short" };

    public static ImageFormatException ToImageFormatException(MagickException exception, ImageFormat format, ReadOnlySpan<byte> data)
    {
        string kind = ImageSignature.Describe(data);
        string reason = Clean(exception.Message);
        if (exception is MagickResourceLimitErrorException or MagickCacheErrorException)
        {
            return new ImageFormatException($"The file is {kind} that exceeds a limit of ImageMagick: {reason}.", 0, null, exception)
            {
                Cause = "too large",
            };
        }

        if (Contains(exception.Message, s_notSupported))
        {
            return new ImageFormatException($"The file is {kind} of a kind that ImageMagick does not read: {reason}.", 0, null, exception)
            {
                Cause = "not supported",
            };
        }

        bool isCutShort = EndsEarly(format, data) || Contains(exception.Message, s_cutShort)
            || exception.RelatedExceptions.Any(related => Contains(related.Message, s_cutShort));
        return isCutShort
            ? new ImageFormatException(
                $"The file is {kind} that ends early, after {data.Length} bytes: {reason}.", data.Length, null, exception)
            {
                Cause = "cut short",
            }
            : new ImageFormatException($"The file is {kind} that ImageMagick cannot read: {reason}.", 0, null, exception);
    }

    /// <summary>Makes words of a name in camel case, as in "ImproperImageHeader".</summary>
    private static string SplitWords(string name) =>
        string.Concat(name.Select((letter, i) => i > 0 && char.IsUpper(letter) && char.IsLower(name[i - 1]) ? $" {letter}" : $"{letter}"));

    private static bool Contains(string message, string[] phrases) =>
        Array.Exists(phrases, phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the header gives a length of the file that it does not have.</summary>
    private static bool EndsEarly(ImageFormat format, ReadOnlySpan<byte> data) => format switch
    {
        // The length in RIFF is that of what follows it.
        ImageFormat.WebP => BinaryPrimitives.ReadUInt32LittleEndian(data[4..]) + 8L > data.Length,
        ImageFormat.Gif => GifBlocks.EndEarly(data),
        _ => false,
    };
}
