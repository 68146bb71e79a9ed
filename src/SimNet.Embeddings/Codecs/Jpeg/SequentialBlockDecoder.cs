using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Embeddings;

/// <summary>Decodes, dequantizes and transforms the blocks of baseline and extended sequential scans (ITU T.81, F.2).</summary>
internal struct SequentialBlockDecoder : IBlockDecoder
{
    private CoefficientBlock _coefficients;

    public readonly void Restart()
    {
    }

    public void Decode(ref EntropyCodedData data, JpegComponent component, int block)
    {
        ref int coefficients = ref _coefficients[0];
        int last = DecodeCoefficients(ref data, component, ref coefficients);
        data.ThrowIfPastEnd();

        int stride = component.Stride;
        int row = Math.DivRem(block, component.StoredBlocksWide, out int column);
        Span<byte> samples = component.Samples.AsSpan(row * 8 * stride + column * 8, 7 * stride + 8);
        if (last == 0)
        {
            InverseDct.TransformDcOnly(coefficients, samples, stride);
        }
        else
        {
            InverseDct.Transform(_coefficients, samples, stride);
            _coefficients = default;
        }
    }

    /// <summary>Decodes a block (F.2.2.1 and F.2.2.2) and returns the zigzag index of its last coded coefficient.</summary>
    private static int DecodeCoefficients(ref EntropyCodedData data, JpegComponent component, ref int coefficients)
    {
        ref ushort quantization = ref MemoryMarshal.GetReference(component.Quantization);
        ref byte naturalOrder = ref MemoryMarshal.GetReference(Zigzag.NaturalOrder);
        BitReader reader = data.Reader;

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
                data.Reader = reader;
                data.Throw("Invalid code; expected one of the DC Huffman table.");
            }

            difference = size == 0 ? 0 : HuffmanTable.Extend(reader.Take(size), size);
        }

        // Limited to 16 bits, like stored coefficients, so that damaged data cannot overflow.
        component.Prediction = (short)(component.Prediction + difference);
        coefficients = component.Prediction * quantization;

        table = component.AcTable!;
        ref int combined = ref MemoryMarshal.GetReference(table.Combined);
        int last = 0;
        for (int k = 1; k < 64; k++)
        {
            reader.Ensure32();
            entry = Unsafe.Add(ref combined, (int)(reader.Bits >> (64 - HuffmanTable.LookupBits)));
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
                    data.Reader = reader;
                    data.Throw("Invalid code; expected one of the AC Huffman table.");
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
                if (run != HuffmanTable.EndOfBand)
                {
                    data.Reader = reader;
                    data.Throw("The AC codes of a block run past its 64th coefficient, or a run has no value.");
                }

                break;
            }

            Unsafe.Add(ref coefficients, Unsafe.Add(ref naturalOrder, k)) = value * Unsafe.Add(ref quantization, k);
            last = k;
        }

        data.Reader = reader;
        return last;
    }
}
