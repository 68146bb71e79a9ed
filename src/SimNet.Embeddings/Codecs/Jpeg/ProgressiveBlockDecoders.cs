namespace SimNet.Embeddings;

/// <summary>Decodes the first scan of DC coefficients (ITU T.81, G.1.2.1).</summary>
internal struct ProgressiveDcFirst(int low) : IBlockDecoder
{
    public readonly void Restart()
    {
    }

    public readonly void Blank(JpegComponent component, int row, int column)
    {
    }

    public readonly void Decode(ref EntropyCodedData data, JpegComponent component, int row, int column)
    {
        int size = data.Reader.TakeSymbol(component.DcTable!);
        if (size < 0)
        {
            data.SetProblem("Invalid code; expected one of the DC Huffman table.");
            size = 0;
        }

        int difference = size == 0 ? 0 : HuffmanTable.Extend(data.Reader.Take(size), size);
        component.Prediction = (short)(component.Prediction + difference);
        if (component.CoefficientsPerBlock > 0)
        {
            component.Block(row, column)[0] = (short)(component.Prediction << low);
        }
    }
}

/// <summary>Decodes a refinement scan of DC coefficients: one bit each (ITU T.81, G.1.2.1).</summary>
internal struct ProgressiveDcRefinement(int low) : IBlockDecoder
{
    public readonly void Restart()
    {
    }

    public readonly void Blank(JpegComponent component, int row, int column)
    {
    }

    public readonly void Decode(ref EntropyCodedData data, JpegComponent component, int row, int column)
    {
        int bit = data.Reader.TakeBit();
        if (component.CoefficientsPerBlock > 0)
        {
            component.Block(row, column)[0] |= (short)(bit << low);
        }
    }
}

/// <summary>Decodes the first scan of a band of AC coefficients (ITU T.81, G.1.2.2).</summary>
internal struct ProgressiveAcFirst(int start, int end, int low) : IBlockDecoder
{
    /// <summary>EOBRUN: the number of following blocks without coefficients in this band.</summary>
    private int _endOfBandRun;

    public void Restart() => _endOfBandRun = 0;

    public readonly void Blank(JpegComponent component, int row, int column)
    {
    }

    public void Decode(ref EntropyCodedData data, JpegComponent component, int row, int column)
    {
        if (_endOfBandRun > 0)
        {
            _endOfBandRun--;
            return;
        }

        Span<short> coefficients = component.Block(row, column);
        HuffmanTable table = component.AcTable!;
        BitReader reader = data.Reader;
        for (int k = start; k <= end; k++)
        {
            int symbol = reader.TakeSymbol(table);
            if (symbol < 0)
            {
                // libjpeg takes it for an end of band.
                data.SetProblem("Invalid code; expected one of the AC Huffman table.");
                break;
            }

            int run = symbol >> 4;
            int size = symbol & 15;
            if (size == 0 && run < 15)
            {
                _endOfBandRun = (1 << run) - 1 + reader.Take(run);
                break;
            }

            k += run;
            if (k > end)
            {
                data.SetProblem($"The AC codes of a block run past coefficient {end}, the last of the band.");
            }

            if (size > 0)
            {
                // Past the last coefficient, as in libjpeg.
                coefficients[Math.Min(k, 63)] = (short)(HuffmanTable.Extend(reader.Take(size), size) << low);
            }
        }

        data.Reader = reader;
    }
}

/// <summary>
/// Decodes a refinement scan of a band of AC coefficients: one bit for each nonzero coefficient, and newly nonzero coefficients
/// (ITU T.81, G.1.2.3).
/// </summary>
internal struct ProgressiveAcRefinement(int start, int end, int low) : IBlockDecoder
{
    private int _endOfBandRun;

    public void Restart() => _endOfBandRun = 0;

    public readonly void Blank(JpegComponent component, int row, int column)
    {
    }

    public void Decode(ref EntropyCodedData data, JpegComponent component, int row, int column)
    {
        Span<short> coefficients = component.Block(row, column);
        BitReader reader = data.Reader;
        int k = start;
        if (_endOfBandRun == 0)
        {
            HuffmanTable table = component.AcTable!;
            for (; k <= end; k++)
            {
                int symbol = reader.TakeSymbol(table);
                if (symbol < 0)
                {
                    data.SetProblem("Invalid code; expected one of the AC Huffman table.");
                    symbol = 0;
                }

                int run = symbol >> 4;
                int size = symbol & 15;
                if (size > 1)
                {
                    data.SetProblem($"A refinement scan has a coefficient of {size} bits; expected 1.");
                }

                int value = 0;
                if (size > 0)
                {
                    value = reader.Take(1) == 1 ? 1 << low : -1 << low;
                }
                else if (run < 15)
                {
                    _endOfBandRun = (1 << run) + reader.Take(run);
                    break;
                }

                k = RefineAndSkipZeros(ref reader, coefficients, k, run);
                if (k > end)
                {
                    data.SetProblem($"The AC codes of a block run past coefficient {end}, the last of the band.");
                }

                if (value != 0)
                {
                    coefficients[Math.Min(k, 63)] = (short)value;
                }
            }
        }

        if (_endOfBandRun > 0)
        {
            RefineAndSkipZeros(ref reader, coefficients, k, run: 64);
            _endOfBandRun--;
        }

        data.Reader = reader;
    }

    /// <summary>
    /// Refines the nonzero coefficients up to the zero that follows <paramref name="run"/> other zeros, and returns its index; one past the
    /// band if there is none.
    /// </summary>
    private readonly int RefineAndSkipZeros(ref BitReader reader, Span<short> coefficients, int k, int run)
    {
        for (; k <= end; k++)
        {
            int value = coefficients[k];
            if (value == 0)
            {
                if (run == 0)
                {
                    break;
                }

                run--;
            }
            else if (reader.TakeBit() == 1 && ((value >> low) & 1) == 0)
            {
                coefficients[k] = (short)(value + (value > 0 ? 1 << low : -1 << low));
            }
        }

        return k;
    }
}
