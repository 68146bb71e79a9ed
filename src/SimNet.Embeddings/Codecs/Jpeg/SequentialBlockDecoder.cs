using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Embeddings;

/// <summary>Decodes, dequantizes and transforms the blocks of baseline and extended sequential scans (ITU T.81, F.2).</summary>
internal struct SequentialBlockDecoder : IBlockDecoder
{
    private const string InvalidDc = "Invalid code; expected one of the DC Huffman table.";

    private CoefficientBlock _coefficients;

    public readonly void Restart()
    {
    }

    public void Decode(ref EntropyCodedData data, JpegComponent component, int row, int column)
    {
        if (component.BlockSize <= 1)
        {
            Skip(ref data, component);
            if (component.BlockSize == 1)
            {
                BlockTransform.StoreDc(component.Prediction * component.Quantization[0], component, row, column);
            }

            return;
        }

        ref int coefficients = ref _coefficients[0];
        int last = DecodeCoefficients(ref data, component, ref coefficients);
        if (last == 0)
        {
            BlockTransform.StoreDc(coefficients, component, row, column);
        }
        else
        {
            BlockTransform.Store(_coefficients, component, row, column);
            _coefficients = default;
        }
    }

    public readonly void Blank(JpegComponent component, int row, int column)
    {
        if (component.BlockSize > 0)
        {
            BlockTransform.StoreDc(0, component, row, column);
        }
    }

    /// <summary>Decodes the DC coefficient (F.2.2.1). Returns false if its code is invalid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool DecodeDc(scoped ref BitReader reader, JpegComponent component)
    {
        bool isValid = true;
        HuffmanTable table = component.DcTable!;
        reader.Ensure32();
        int entry = Unsafe.Add(ref MemoryMarshal.GetReference(table.Combined), (int)(reader.Bits >> (64 - HuffmanTable.LookupBits)));
        int difference;
        if (entry != 0)
        {
            reader.Skip(entry & 255);
            difference = entry >> 16;
        }
        else
        {
            int size = reader.TakeSymbol(table);
            if (size < 0)
            {
                // libjpeg takes it for no difference.
                isValid = false;
                size = 0;
            }

            difference = size == 0 ? 0 : HuffmanTable.Extend(reader.Take(size), size);
        }

        // Limited to 16 bits, like stored coefficients, so that damaged data cannot overflow.
        component.Prediction = (short)(component.Prediction + difference);
        return isValid;
    }

    /// <summary>Decodes the DC coefficient and reads past the AC coefficients, several at a time.</summary>
    private static void Skip(ref EntropyCodedData data, JpegComponent component)
    {
        BitReader reader = data.Reader;
        if (!DecodeDc(ref reader, component))
        {
            data.SetProblem(InvalidDc);
        }

        HuffmanTable table = component.AcTable!;
        ref ushort skips = ref MemoryMarshal.GetReference(table.Skips);
        int k = 0;
        while (k < 63)
        {
            reader.Ensure32();
            int entry = Unsafe.Add(ref skips, (int)(reader.Bits >> (64 - HuffmanTable.SkipBits)));
            int next = k + (entry >> 8 & HuffmanTable.SkipAdvanceMask);
            if (entry != 0 && next <= 63)
            {
                reader.Skip(entry & 63);
                if ((entry & HuffmanTable.SkipEnd) != 0)
                {
                    break;
                }

                k = next;
                continue;
            }

            int symbol = reader.TakeSymbol(table);
            if (symbol < 0)
            {
                data.SetProblem("Invalid code; expected one of the AC Huffman table.");
                break;
            }

            int size = symbol & 15;
            int run = symbol >> 4;
            if (size == 0 && run != 15)
            {
                break;
            }

            k += run + 1;
            reader.Skip(size);
            if (k > 63)
            {
                data.SetProblem("The AC codes of a block run past its 64th coefficient, or a run has no value.");
            }
        }

        data.Reader = reader;
    }

    /// <summary>Decodes a block (F.2.2.1 and F.2.2.2) and returns the zigzag index of its last coded coefficient.</summary>
    private static int DecodeCoefficients(ref EntropyCodedData data, JpegComponent component, ref int coefficients)
    {
        ref ushort quantization = ref MemoryMarshal.GetReference(component.Quantization);
        ref byte naturalOrder = ref MemoryMarshal.GetReference(Zigzag.NaturalOrder);
        BitReader reader = data.Reader;
        if (!DecodeDc(ref reader, component))
        {
            data.SetProblem(InvalidDc);
        }

        coefficients = component.Prediction * quantization;

        HuffmanTable table = component.AcTable!;
        ref int combined = ref MemoryMarshal.GetReference(table.Combined);
        int last = 0;
        for (int k = 1; k < 64; k++)
        {
            reader.Ensure32();
            int entry = Unsafe.Add(ref combined, (int)(reader.Bits >> (64 - HuffmanTable.LookupBits)));
            int run;
            int value;
            if (entry != 0)
            {
                reader.Skip(entry & 255);
                run = (entry >> 8) & 255;
                value = entry >> 16;
            }
            else
            {
                int symbol = reader.TakeSymbol(table);
                if (symbol < 0)
                {
                    // libjpeg takes it for an end of block.
                    data.SetProblem("Invalid code; expected one of the AC Huffman table.");
                    break;
                }

                int size = symbol & 15;
                run = symbol >> 4;
                value = 0;
                if (size != 0)
                {
                    value = HuffmanTable.Extend(reader.Take(size), size);
                }
                else if (run != 15)
                {
                    run += HuffmanTable.EndOfBand;
                }
            }

            k += run;
            if (k > 63)
            {
                if (run >= HuffmanTable.EndOfBand)
                {
                    break;
                }

                data.SetProblem("The AC codes of a block run past its 64th coefficient, or a run has no value.");
                if (value == 0)
                {
                    break;
                }

                // As in libjpeg.
                k = 63;
            }

            Unsafe.Add(ref coefficients, Unsafe.Add(ref naturalOrder, k)) = value * Unsafe.Add(ref quantization, k);
            last = k;
        }

        data.Reader = reader;
        return last;
    }
}
