using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>The tables and the restart interval that the segments before a scan define (ITU T.81, B.2.4).</summary>
internal sealed class JpegTables
{
    private readonly ushort[][] _quantization = [new ushort[64], new ushort[64], new ushort[64], new ushort[64]];
    private readonly HuffmanTable[] _dc = [new(), new(), new(), new()];
    private readonly HuffmanTable[] _ac = [new(), new(), new(), new()];
    private int _quantizationDefined;

    /// <summary>The number of MCUs between restart markers; 0 if there are none.</summary>
    public int RestartInterval { get; private set; }

    public void Reset()
    {
        _quantizationDefined = 0;
        RestartInterval = 0;
        for (int i = 0; i < 4; i++)
        {
            _dc[i].Undefine();
            _ac[i].Undefine();
        }
    }

    /// <summary>Returns a quantization table, in zigzag order.</summary>
    public ReadOnlySpan<ushort> Quantization(int index, long offset) => (_quantizationDefined & (1 << index)) != 0
        ? _quantization[index]
        : throw new ImageFormatException($"A component uses quantization table {index}, which no DQT segment defines.", offset);

    public HuffmanTable Dc(int index, long offset, BlemishList blemishes) => Find(_dc, index, "DC", offset, blemishes);

    public HuffmanTable Ac(int index, long offset, BlemishList blemishes) => Find(_ac, index, "AC", offset, blemishes);

    /// <summary>Reads DQT (B.2.4.1).</summary>
    public void ReadQuantization(JpegSegment segment)
    {
        while (segment.Remaining > 0)
        {
            int offset = segment.Offset;
            int head = segment.ReadByte();
            int precision = head >> 4;
            int index = head & 15;
            if (precision > 1 || index > 3)
            {
                throw new ImageFormatException(
                    $"DQT has precision {precision} and table {index}; expected precision 0 or 1 and table 0 to 3.", offset);
            }

            ushort[] table = _quantization[index];
            ReadOnlySpan<byte> values = segment.Take(precision == 0 ? 64 : 128);
            for (int k = 0; k < 64; k++)
            {
                table[k] = precision == 0 ? values[k] : BinaryPrimitives.ReadUInt16BigEndian(values[(2 * k)..]);
            }

            _quantizationDefined |= 1 << index;
        }
    }

    /// <summary>Reads DHT (B.2.4.2).</summary>
    public void ReadHuffman(JpegSegment segment)
    {
        while (segment.Remaining > 0)
        {
            int offset = segment.Offset;
            int head = segment.ReadByte();
            int kind = head >> 4;
            int index = head & 15;
            if (kind > 1 || index > 3)
            {
                throw new ImageFormatException(
                    $"DHT has class {kind} and table {index}; expected class 0 (DC) or 1 (AC) and table 0 to 3.", offset);
            }

            ReadOnlySpan<byte> counts = segment.Take(16);
            int total = 0;
            foreach (byte count in counts)
            {
                total += count;
            }

            if (total > 256)
            {
                throw new ImageFormatException($"DHT has {total} codes; expected at most 256.", offset);
            }

            HuffmanTable table = kind == 0 ? _dc[index] : _ac[index];
            table.Define(counts, segment.Take(total), isDc: kind == 0, offset);
        }
    }

    /// <summary>Reads DRI (B.2.4.4).</summary>
    public void ReadRestartInterval(JpegSegment segment)
    {
        RestartInterval = segment.ReadUInt16();
        segment.ExpectEnd();
    }

    private HuffmanTable Find(HuffmanTable[] tables, int index, string kind, long offset, BlemishList blemishes)
    {
        HuffmanTable table = tables[index];
        if (!table.IsDefined)
        {
            if (index > 1)
            {
                throw new ImageFormatException($"The scan uses {kind} Huffman table {index}, which no DHT segment defines.", offset);
            }

            blemishes.Add("Huffman tables are missing; they are taken to be those of the standard.", offset);
            StandardHuffmanTables.Define(table, tables == _dc, index);
        }

        table.BuildLookups();
        return table;
    }
}
