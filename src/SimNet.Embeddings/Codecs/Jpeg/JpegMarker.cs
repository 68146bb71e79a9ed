namespace SimNet.Embeddings;

/// <summary>The second bytes of the markers that the decoder distinguishes (ITU T.81, table B.1).</summary>
internal static class JpegMarker
{
    public const byte BaselineFrame = 0xC0;
    public const byte ExtendedSequentialFrame = 0xC1;
    public const byte ProgressiveFrame = 0xC2;
    public const byte HuffmanTables = 0xC4;
    public const byte ArithmeticExtension = 0xC8;
    public const byte ArithmeticConditioning = 0xCC;
    public const byte LastFrame = 0xCF;
    public const byte FirstRestart = 0xD0;
    public const byte LastRestart = 0xD7;
    public const byte StartOfImage = 0xD8;
    public const byte EndOfImage = 0xD9;
    public const byte StartOfScan = 0xDA;
    public const byte QuantizationTables = 0xDB;
    public const byte NumberOfLines = 0xDC;
    public const byte RestartInterval = 0xDD;
    public const byte HierarchicalProgression = 0xDE;
    public const byte ExpandReferenceComponents = 0xDF;
    public const byte Application0 = 0xE0;
    public const byte Application1 = 0xE1;
    public const byte Application2 = 0xE2;
    public const byte Application14 = 0xEE;
    public const byte Temporary = 0x01;

    /// <summary>Whether the marker is one of SOF0 to SOF15. DHT, JPG and DAC are in the same range.</summary>
    public static bool IsFrame(byte marker) =>
        marker is >= BaselineFrame and <= LastFrame and not (HuffmanTables or ArithmeticExtension or ArithmeticConditioning);

    public static bool IsRestart(byte marker) => marker is >= FirstRestart and <= LastRestart;
}
