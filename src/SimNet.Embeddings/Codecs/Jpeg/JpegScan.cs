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

    public static JpegScan Read(JpegSegment segment, JpegFrame frame, JpegTables tables)
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

        scan.ExpectProgression(parameters);
        scan.FindTables(tables, tableNumbers, start);
        return scan;
    }

    /// <summary>In progressive frames, records the bits of the coefficients that the scan contains.</summary>
    public void RecordProgression()
    {
        foreach (JpegComponent component in Components)
        {
            component.LowestBits.AsSpan(SpectralStart..(SpectralEnd + 1)).Fill((sbyte)ApproximationLow);
        }
    }

    private static JpegComponent Find(JpegFrame frame, int id, ReadOnlySpan<JpegComponent> before, long offset)
    {
        foreach (JpegComponent component in before)
        {
            if (component.Id == id)
            {
                throw new ImageFormatException($"The scan has component {id} twice; expected once.", offset);
            }
        }

        foreach (JpegComponent component in frame.Components)
        {
            if (component.Id == id)
            {
                return component;
            }
        }

        throw new ImageFormatException($"The scan has component {id}, which is not in the frame header.", offset);
    }

    /// <summary>
    /// Throws unless each bit of each coefficient is coded once and in order (G.1.1.1). libjpeg accepts repeated scans; here they are
    /// errors, because a small file could have any number of them.
    /// </summary>
    private void ExpectProgression(long offset)
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
            if (!component.HasStarted)
            {
                if (!isDc || ApproximationHigh != 0)
                {
                    throw new ImageFormatException(
                        $"The first scan of component {component.Id} is not a first DC scan; expected the DC coefficients first.", offset);
                }

                continue;
            }

            for (int k = SpectralStart; k <= SpectralEnd; k++)
            {
                int before = component.LowestBits[k];
                if (before != (ApproximationHigh == 0 ? -1 : ApproximationHigh))
                {
                    throw new ImageFormatException(
                        $"Coefficient {k} of component {component.Id} has "
                        + $"successive approximation {ApproximationHigh} to {ApproximationLow}, "
                        + (before < 0 ? "but no previous scan." : $"but its previous scan ends at bit {before}."),
                        offset);
                }
            }
        }
    }

    private void FindTables(JpegTables tables, ReadOnlySpan<byte> numbers, long offset)
    {
        bool needsDc = SpectralStart == 0 && ApproximationHigh == 0;
        bool needsAc = SpectralEnd > 0;
        for (int i = 0; i < Components.Length; i++)
        {
            Components[i].DcTable = needsDc ? tables.Dc(numbers[i] >> 4, offset) : null;
            Components[i].AcTable = needsAc ? tables.Ac(numbers[i] & 15, offset) : null;
        }
    }
}
