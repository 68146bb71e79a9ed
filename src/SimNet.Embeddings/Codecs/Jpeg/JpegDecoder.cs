using System.Buffers;

namespace SimNet.Embeddings;

/// <summary>
/// Decodes JPEG (ITU T.81): 8-bit Huffman-coded baseline, extended sequential and progressive, with the samples libjpeg gives by default.
/// </summary>
/// <remarks>
/// <para>Strict where an image would come out wrong: files cut short, damaged codes, missing scans or restart markers are refused, never
/// filled with gray. Lenient where it would not: bytes between segments, data after the end, metadata that makes no sense. A progressive
/// file may leave off before the last bits of its AC coefficients; it is shown as it is, where libjpeg would smooth it.</para>
/// <para>Memory. Size limits are checked at the frame header. A component's memory is taken when its first scan starts, and only if
/// the file still holds as many bits as the scan's blocks need at the very least (a code of one bit for each DC value, and in
/// sequential scans one for its end of block). So each byte of file can ask for at most 512 samples, apart from filling up to whole MCUs.
/// A sample takes 1 byte, and in progressive frames 2 more until all scans are there.</para>
/// <para>Time. Every bit of every coefficient may be coded only once, and progressive scans may visit at most
/// <see cref="FreeBlockVisits"/> blocks plus <see cref="VisitsPerBlock"/> for each block of the image.</para>
/// </remarks>
internal static class JpegDecoder
{
    /// <summary>Encoders need about 4 scans of each component; images small enough to decode at once anyway may have more.</summary>
    private const long FreeBlockVisits = 4 << 20;
    private const long VisitsPerBlock = 16;

    private static JpegTables? _spareTables;

    public static Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        JpegTables tables = Interlocked.Exchange(ref _spareTables, null) ?? new JpegTables();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(data.Length + BitReader.Padding);
        JpegFrame? frame = null;
        try
        {
            tables.Reset();
            return Decode(data, options, tables, buffer, ref frame);
        }
        finally
        {
            frame?.ReturnAll();
            ArrayPool<byte>.Shared.Return(buffer);
            Volatile.Write(ref _spareTables, tables);
        }
    }

    private static Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options, JpegTables tables, Span<byte> buffer, ref JpegFrame? frame)
    {
        if (!data.StartsWith((ReadOnlySpan<byte>)[0xFF, JpegMarker.StartOfImage]))
        {
            throw new ImageFormatException("The file does not start with FFD8, as a JPEG does.", 0);
        }

        var metadata = new JpegMetadata();
        long visits = 0;
        int position = 2;
        while (true)
        {
            byte marker = NextMarker(data, ref position);
            if (marker == JpegMarker.EndOfImage)
            {
                return Finish(frame, metadata, position - 2);
            }

            if (marker == JpegMarker.StartOfScan)
            {
                var segment = new JpegSegment(data, position, "SOS");
                position = DecodeScan(data, segment, frame, tables, buffer, ref visits);
            }
            else if (JpegMarker.IsFrame(marker))
            {
                if (frame is not null)
                {
                    throw new ImageFormatException($"A second frame header (marker FF{marker:X2}) stands in the file; expected one.", position - 2);
                }

                var segment = new JpegSegment(data, position, "SOF");
                frame = JpegFrame.Read(segment, marker, options.MaxPixels);
                position = segment.End;
            }
            else
            {
                position = ReadSegment(data, position, marker, tables, metadata);
            }
        }
    }

    /// <summary>Reads a segment that is neither frame nor scan, and returns where it ends.</summary>
    private static int ReadSegment(ReadOnlySpan<byte> data, int position, byte marker, JpegTables tables, JpegMetadata metadata)
    {
        if (marker == JpegMarker.Temporary || JpegMarker.IsRestart(marker))
        {
            // Markers that stand alone; some encoders leave a restart marker after the last interval.
            return position;
        }

        switch (marker)
        {
            case JpegMarker.StartOfImage:
                throw new ImageFormatException($"Marker FF{marker:X2} stands where a segment was expected.", position - 2);
            case JpegMarker.ArithmeticConditioning:
                throw new ImageFormatException("The image is arithmetic-coded (marker FFCC); this decoder reads Huffman-coded JPEG.", position - 2);
            case JpegMarker.HierarchicalProgression or JpegMarker.ExpandReferenceComponents:
                throw new ImageFormatException($"The image is hierarchical JPEG (marker FF{marker:X2}); this decoder reads single frames.", position - 2);
            case JpegMarker.NumberOfLines:
                throw new ImageFormatException("The file has a DNL segment, which this decoder does not read.", position - 2);
        }

        var segment = new JpegSegment(data, position, $"FF{marker:X2}");
        switch (marker)
        {
            case JpegMarker.QuantizationTables:
                tables.ReadQuantization(segment);
                break;
            case JpegMarker.HuffmanTables:
                tables.ReadHuffman(segment);
                break;
            case JpegMarker.RestartInterval:
                tables.ReadRestartInterval(segment);
                break;
            case JpegMarker.Application0:
                metadata.ReadApplication0(segment);
                break;
            case JpegMarker.Application1:
                metadata.ReadApplication1(segment);
                break;
            case JpegMarker.Application14:
                metadata.ReadApplication14(segment);
                break;
        }

        return segment.End;
    }

    /// <summary>Goes to the next marker and past it (B.1.1.2, which allows fill bytes; anything else in between is passed over, as libjpeg does).</summary>
    private static byte NextMarker(ReadOnlySpan<byte> data, ref int position)
    {
        while (true)
        {
            int distance = data[position..].IndexOf((byte)0xFF);
            if (distance < 0)
            {
                break;
            }

            position += distance;
            while (position < data.Length && data[position] == 0xFF)
            {
                position++;
            }

            if (position < data.Length && data[position] != 0)
            {
                return data[position++];
            }
        }

        throw new ImageFormatException("The file ends without an end-of-image marker (FFD9); it has been cut short.", data.Length);
    }

    /// <summary>Decodes a scan and returns where its entropy-coded data ends.</summary>
    private static int DecodeScan(ReadOnlySpan<byte> data, JpegSegment segment, JpegFrame? frame, JpegTables tables, Span<byte> buffer, ref long visits)
    {
        int offset = segment.Offset;
        if (frame is null)
        {
            throw new ImageFormatException("A scan (SOS) comes before the frame header (SOF).", offset);
        }

        JpegScan scan = JpegScan.Read(segment, frame, tables);
        int start = segment.End;
        ExpectEnoughData(data.Length - start, scan, frame, start);
        ExpectBoundedWork(scan, frame, ref visits, offset);
        foreach (JpegComponent component in scan.Components)
        {
            if (!component.HasStarted)
            {
                component.Start(tables.Quantization(component.QuantizationIndex, offset), frame.IsProgressive);
            }
        }

        var entropyCoded = new EntropyCodedData(data, start, buffer);
        if (!frame.IsProgressive)
        {
            var decoder = default(SequentialBlockDecoder);
            ScanDecoder.Decode(scan, tables.RestartInterval, ref entropyCoded, ref decoder);
        }
        else
        {
            DecodeProgressive(scan, tables.RestartInterval, ref entropyCoded);
            scan.NoteProgress();
        }

        return entropyCoded.End;
    }

    private static void DecodeProgressive(JpegScan scan, int restartInterval, ref EntropyCodedData data)
    {
        switch (scan.SpectralStart == 0, scan.ApproximationHigh == 0)
        {
            case (true, true):
                var dcFirst = new ProgressiveDcFirst(scan.ApproximationLow);
                ScanDecoder.Decode(scan, restartInterval, ref data, ref dcFirst);
                break;
            case (true, false):
                var dcRefinement = new ProgressiveDcRefinement(scan.ApproximationLow);
                ScanDecoder.Decode(scan, restartInterval, ref data, ref dcRefinement);
                break;
            case (false, true):
                var acFirst = new ProgressiveAcFirst(scan.SpectralStart, scan.SpectralEnd, scan.ApproximationLow);
                ScanDecoder.Decode(scan, restartInterval, ref data, ref acFirst);
                break;
            case (false, false):
                var acRefinement = new ProgressiveAcRefinement(scan.SpectralStart, scan.SpectralEnd, scan.ApproximationLow);
                ScanDecoder.Decode(scan, restartInterval, ref data, ref acRefinement);
                break;
        }
    }

    /// <summary>Refuses a scan that cannot be in what is left of the file, before memory is taken for it.</summary>
    private static void ExpectEnoughData(long bytes, JpegScan scan, JpegFrame frame, long offset)
    {
        // A band of AC coefficients may be empty for thousands of blocks at once; its memory has been taken by the DC scan before.
        long bitsPerBlock = !frame.IsProgressive ? 2 : scan.SpectralStart == 0 ? 1 : 0;
        if (bytes * 8 < scan.Blocks * bitsPerBlock)
        {
            throw new ImageFormatException(
                $"The scan has {scan.Blocks} blocks, which need {scan.Blocks * bitsPerBlock} bits at least, but only {bytes} bytes of the file are left.", offset);
        }
    }

    private static void ExpectBoundedWork(JpegScan scan, JpegFrame frame, ref long visits, long offset)
    {
        long blocks = 0;
        foreach (JpegComponent component in frame.Components)
        {
            blocks += (long)component.StoredBlocksWide * component.StoredBlocksHigh;
        }

        visits += scan.Blocks;
        if (visits > FreeBlockVisits + VisitsPerBlock * blocks)
        {
            throw new ImageFormatException(
                $"The scans so far visit {visits} blocks; at most {FreeBlockVisits + VisitsPerBlock * blocks} are allowed for an image of {blocks}.", offset);
        }
    }

    private static Image Finish(JpegFrame? frame, JpegMetadata metadata, long offset)
    {
        if (frame is null)
        {
            throw new ImageFormatException("The file ends without a frame header (SOF).", offset);
        }

        foreach (JpegComponent component in frame.Components)
        {
            if (!component.HasStarted)
            {
                throw new ImageFormatException($"The file ends without a scan of component {component.Id}.", offset);
            }
        }

        if (frame.IsProgressive)
        {
            foreach (JpegComponent component in frame.Components)
            {
                ProgressiveTransform.Run(component);
            }
        }

        return JpegPixels.ToImage(frame, metadata.Color(frame), metadata.Orientation);
    }
}
