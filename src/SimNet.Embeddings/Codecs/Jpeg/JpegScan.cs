namespace SimNet.Embeddings;

/// <summary>A scan header (ITU T.81, B.2.3), validated against the frame.</summary>
internal sealed class JpegScan
{
    /// <summary>The maximum number of blocks in an MCU of an interleaved scan (B.2.3).</summary>
    private const int MaxBlocksInMcu = 10;

    private readonly JpegFrame _frame;

    private JpegScan(JpegFrame frame, JpegComponent[] components)
    {
        _frame = frame;
        Components = components;
    }

    public JpegComponent[] Components { get; }

    /// <summary>Ss: the first coefficient, in zigzag order.</summary>
    public int SpectralStart { get; private init; }

    /// <summary>Se: the last coefficient, in zigzag order.</summary>
    public int SpectralEnd { get; private init; }

    /// <summary>Ah: 0 for the first scan of the coefficients, otherwise the lowest bit of the previous scan.</summary>
    public int ApproximationHigh { get; private init; }

    /// <summary>Al: the lowest bit of this scan.</summary>
    public int ApproximationLow { get; private init; }

    /// <summary>The number of the scan in the file, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The number of MCUs that are decoded so far, without those of which there is no data.</summary>
    public long DecodedMcus { get; set; }

    /// <summary>Whether the scan has all components of a frame, which has no other scan.</summary>
    public bool IsOnlyScan => !_frame.IsProgressive && Components.Length == _frame.Components.Count;

    /// <summary>Whether no component needs the coefficients of the scan.</summary>
    public bool IsNeedless
    {
        get
        {
            foreach (JpegComponent component in Components)
            {
                if (component.BlockSize > (SpectralStart > 0 ? 1 : 0))
                {
                    return false;
                }
            }

            return true;
        }
    }

    public bool IsInterleaved => Components.Length > 1;

    public int McusWide => IsInterleaved ? _frame.McusWide : Components[0].BlocksWide;

    public int McusHigh => IsInterleaved ? _frame.McusHigh : Components[0].BlocksHigh;

    /// <summary>The number of blocks in the scan.</summary>
    public long Blocks
    {
        get
        {
            long blocksInMcu = 1;
            if (IsInterleaved)
            {
                blocksInMcu = 0;
                foreach (JpegComponent component in Components)
                {
                    blocksInMcu += component.HorizontalSampling * component.VerticalSampling;
                }
            }

            return blocksInMcu * McusWide * McusHigh;
        }
    }

    public static JpegScan Read(JpegSegment segment, JpegFrame frame, JpegTables tables, int number, BlemishList blemishes)
    {
        int start = segment.Offset;
        int count = segment.ReadByte();
        if (count < 1 || count > frame.Components.Count)
        {
            throw new ImageFormatException($"The scan has {count} components; expected 1 to {frame.Components.Count}.", start);
        }

        var components = new JpegComponent[count];
        Span<byte> tableNumbers = stackalloc byte[4];
        for (int i = 0; i < count; i++)
        {
            int offset = segment.Offset;
            components[i] = Find(frame, segment.ReadByte(), components.AsSpan(0, i), offset);
            tableNumbers[i] = segment.ReadByte();
            if (tableNumbers[i] >> 4 > 3 || (tableNumbers[i] & 15) > 3)
            {
                throw new ImageFormatException(
                    $"The scan uses Huffman tables {tableNumbers[i] >> 4} (DC) and {tableNumbers[i] & 15} (AC); expected 0 to 3.",
                    offset + 1);
            }
        }

        int parameters = segment.Offset;
        int spectralStart = segment.ReadByte();
        int spectralEnd = segment.ReadByte();
        int approximation = segment.ReadByte();
        segment.ExpectEnd();

        var scan = new JpegScan(frame, components)
        {
            Number = number,
            SpectralStart = frame.IsProgressive ? spectralStart : 0,
            SpectralEnd = frame.IsProgressive ? spectralEnd : 63,
            ApproximationHigh = frame.IsProgressive ? approximation >> 4 : 0,
            ApproximationLow = frame.IsProgressive ? approximation & 15 : 0,
        };

        if (count > 1 && scan.Blocks / ((long)scan.McusWide * scan.McusHigh) > MaxBlocksInMcu)
        {
            throw new ImageFormatException(
                $"An MCU of the scan has {scan.Blocks / ((long)scan.McusWide * scan.McusHigh)} blocks; expected at most {MaxBlocksInMcu}.",
                start);
        }

        scan.ExpectProgression(parameters, blemishes);
        scan.FindTables(tables, tableNumbers, start, blemishes);
        return scan;
    }

    /// <summary>Describes how much of the image is there before a row of MCUs, such as "after 70 % of the rows".</summary>
    public string Share(int mcuRow)
    {
        int percent = (int)(100L * mcuRow / McusHigh);
        return IsOnlyScan ? $"after {percent} % of the rows" : $"after {percent} % of the rows of scan {Number}";
    }

    /// <summary>In progressive frames, records the bits of the coefficients that the scan contains.</summary>
    public void RecordProgression()
    {
        if (!_frame.IsProgressive)
        {
            return;
        }

        foreach (JpegComponent component in Components)
        {
            component.LowestBits.AsSpan(SpectralStart..(SpectralEnd + 1)).Fill((sbyte)ApproximationLow);
        }
    }

    /// <summary>Finds a component; of several with the same identifier, the first that is still to come.</summary>
    private static JpegComponent Find(JpegFrame frame, int id, ReadOnlySpan<JpegComponent> before, long offset)
    {
        JpegComponent? found = null;
        foreach (JpegComponent component in frame.Components)
        {
            if (component.Id == id && !Contains(before, component)
                && (found is null || (!frame.IsProgressive && found.HasStarted && !component.HasStarted)))
            {
                found = component;
            }
        }

        if (found is not null)
        {
            return found;
        }

        foreach (JpegComponent component in before)
        {
            if (component.Id == id)
            {
                throw new ImageFormatException($"The scan has component {id} twice; expected once.", offset);
            }
        }

        throw new ImageFormatException($"The scan has component {id}, which is not in the frame header.", offset);

        static bool Contains(ReadOnlySpan<JpegComponent> components, JpegComponent wanted)
        {
            foreach (JpegComponent component in components)
            {
                if (component == wanted)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>
    /// Throws unless each bit of each coefficient is coded once and in order (G.1.1.1). libjpeg accepts repeated scans; here they are
    /// errors, because a small file could have any number of them. Scans that are missing before this one are blemishes.
    /// </summary>
    private void ExpectProgression(long offset, BlemishList blemishes)
    {
        if (!_frame.IsProgressive)
        {
            foreach (JpegComponent component in Components)
            {
                if (component.HasStarted)
                {
                    throw new ImageFormatException(
                        $"Component {component.Id} is in a second scan; expected one, because the frame is sequential.", offset);
                }
            }

            return;
        }

        bool isDc = SpectralStart == 0;
        if (isDc ? SpectralEnd != 0 : SpectralEnd < SpectralStart || SpectralEnd > 63 || IsInterleaved)
        {
            throw new ImageFormatException(
                $"The scan has coefficients {SpectralStart} to {SpectralEnd} of {Components.Length} components; "
                + "expected 0 to 0, or a band within 1 to 63 of one component.",
                offset);
        }

        if (ApproximationLow > 13 || (ApproximationHigh != 0 && ApproximationHigh != ApproximationLow + 1))
        {
            throw new ImageFormatException(
                $"The scan has successive approximation {ApproximationHigh} to {ApproximationLow}; "
                + "expected a first scan (0) to at most 13, or one bit less than the previous scan.",
                offset + 2);
        }

        foreach (JpegComponent component in Components)
        {
            bool lacksDc = !component.HasStarted || component.LowestBits[0] < 0;
            if (lacksDc && (!isDc || ApproximationHigh != 0))
            {
                blemishes.Add($"Component {component.Id} has no DC coefficients before scan {Number}.", offset);
            }

            for (int k = SpectralStart; k <= SpectralEnd; k++)
            {
                int before = component.HasStarted ? component.LowestBits[k] : -1;
                if (before >= 0 && (ApproximationHigh == 0 || before <= ApproximationLow))
                {
                    throw new ImageFormatException(
                        $"Coefficient {k} of component {component.Id} has "
                        + $"successive approximation {ApproximationHigh} to {ApproximationLow}, "
                        + $"but its previous scan ends at bit {before}.",
                        offset);
                }

                if (before != (ApproximationHigh == 0 ? -1 : ApproximationHigh))
                {
                    blemishes.Add($"Scans of component {component.Id} are missing before scan {Number}.", offset);
                    break;
                }
            }
        }
    }

    private void FindTables(JpegTables tables, ReadOnlySpan<byte> numbers, long offset, BlemishList blemishes)
    {
        bool needsDc = SpectralStart == 0 && ApproximationHigh == 0;
        bool needsAc = SpectralEnd > 0;
        for (int i = 0; i < Components.Length; i++)
        {
            Components[i].DcTable = needsDc ? tables.Dc(numbers[i] >> 4, offset, blemishes) : null;
            Components[i].AcTable = needsAc ? tables.Ac(numbers[i] & 15, offset, blemishes) : null;
        }
    }
}
