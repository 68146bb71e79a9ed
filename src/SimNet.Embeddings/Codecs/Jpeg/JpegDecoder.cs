using System.Buffers;

namespace SimNet.Embeddings;

/// <summary>
/// Decodes JPEG (ITU T.81): 8-bit Huffman-coded baseline, extended sequential and progressive, to the pixels of libjpeg's default settings.
/// </summary>
/// <remarks>
/// <para>The decoder is strict about damage that would change the image: truncated files, invalid codes, missing scans and missing restart
/// markers are errors, and are never filled with gray. It is lenient about the rest: bytes between segments, data after the end, invalid
/// metadata. A progressive file may end before the last bits of its AC coefficients; it is decoded as it is, where libjpeg smooths
/// it.</para>
/// <para>Memory. Size limits are checked at the frame header. The memory of a component is allocated when its first scan starts, and only
/// if the rest of the file has the minimum number of bits for the blocks of the scan (a code of one bit for each DC coefficient and, in
/// sequential scans, one for each end of block). So each byte of the file can cause at most 512 samples to be allocated, apart from padding
/// to whole MCUs. A sample takes 1 byte, and in progressive frames 2 more until all scans are decoded.</para>
/// <para>Time. Each bit of a coefficient may be coded only once, and progressive scans may visit at most <see cref="FreeBlockVisits"/>
/// blocks plus <see cref="VisitsPerBlock"/> for each block of the image.</para>
/// </remarks>
internal static class JpegDecoder
{
    /// <summary>Encoders use about 4 scans of each component; small images, which decode quickly anyway, may have more.</summary>
    private const long FreeBlockVisits = 4 << 20;
    private const long VisitsPerBlock = 16;

    private static JpegTables? _spareTables;

    public static Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options, bool hasFallback = false)
    {
        JpegTables tables = Interlocked.Exchange(ref _spareTables, null) ?? new JpegTables();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(data.Length + BitReader.Padding);
        JpegFrame? frame = null;
        try
        {
            tables.Reset();
            return Decode(data, options, hasFallback, tables, buffer, ref frame);
        }
        finally
        {
            frame?.ReturnAll();
            ArrayPool<byte>.Shared.Return(buffer);
            Volatile.Write(ref _spareTables, tables);
        }
    }

    private static Image Decode(
        ReadOnlySpan<byte> data, ImageDecoderOptions options, bool hasFallback, JpegTables tables, Span<byte> buffer, ref JpegFrame? frame)
    {
        if (!data.StartsWith((ReadOnlySpan<byte>)[0xFF, JpegMarker.StartOfImage]))
        {
            throw new ImageFormatException("The file does not start with FFD8, the start-of-image marker of JPEG.", 0);
        }

        var metadata = new JpegMetadata();
        var blemishes = new BlemishList(options.Tolerance);
        ColorTransform? color = null;
        long visits = 0;
        int position = 2;
        while (true)
        {
            byte marker = NextMarker(data, ref position);
            if (marker == JpegMarker.EndOfImage)
            {
                return Finish(frame, metadata, position - 2).Converted(color, blemishes.Sentences);
            }

            if (marker == JpegMarker.StartOfScan)
            {
                if (visits == 0 && frame is not null)
                {
                    // As in libjpeg, metadata after the first scan header does not count.
                    color = metadata.ReadProfile(frame.Components.Count, hasFallback, blemishes);
                }

                var segment = new JpegSegment(data, position, "SOS");
                position = DecodeScan(data, segment, frame, tables, buffer, ref visits);
            }
            else if (JpegMarker.IsFrame(marker))
            {
                if (frame is not null)
                {
                    throw new ImageFormatException($"Unexpected second frame header (marker FF{marker:X2}); expected one.", position - 2);
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

    /// <summary>Reads a segment that is neither a frame nor a scan header and returns the offset of its end.</summary>
    private static int ReadSegment(ReadOnlySpan<byte> data, int position, byte marker, JpegTables tables, JpegMetadata metadata)
    {
        if (marker == JpegMarker.Temporary || JpegMarker.IsRestart(marker))
        {
            // Markers without a segment; some encoders write a restart marker after the last restart interval.
            return position;
        }

        switch (marker)
        {
            case JpegMarker.StartOfImage:
                throw new ImageFormatException($"Unexpected marker FF{marker:X2}; expected a segment.", position - 2);
            case JpegMarker.ArithmeticConditioning:
                throw new ImageFormatException(
                    "The image is arithmetic-coded JPEG (marker FFCC); only Huffman-coded JPEG is supported.", position - 2);
            case JpegMarker.HierarchicalProgression or JpegMarker.ExpandReferenceComponents:
                throw new ImageFormatException(
                    $"The image is hierarchical JPEG (marker FF{marker:X2}); only single frames are supported.", position - 2);
            case JpegMarker.NumberOfLines:
                throw new ImageFormatException("The file has a DNL segment, which is not supported.", position - 2);
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
            case JpegMarker.Application2:
                metadata.ReadApplication2(segment);
                break;
            case JpegMarker.Application14:
                metadata.ReadApplication14(segment);
                break;
        }

        return segment.End;
    }

    /// <summary>
    /// Finds the next marker and moves past it. B.1.1.2 allows fill bytes; like libjpeg, this method ignores any other bytes before a
    /// marker too.
    /// </summary>
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

        throw new ImageFormatException("The file ends without an end-of-image marker (FFD9); it is truncated.", data.Length);
    }

    /// <summary>Decodes a scan and returns the offset at which its entropy-coded data ends.</summary>
    private static int DecodeScan(
        ReadOnlySpan<byte> data, JpegSegment segment, JpegFrame? frame, JpegTables tables, Span<byte> buffer, ref long visits)
    {
        int offset = segment.Offset;
        if (frame is null)
        {
            throw new ImageFormatException("Unexpected scan (SOS) before the frame header (SOF).", offset);
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
            scan.RecordProgression();
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

    /// <summary>Throws if the rest of the file is too short for the scan, before memory is allocated for it.</summary>
    private static void ExpectEnoughData(long bytes, JpegScan scan, JpegFrame frame, long offset)
    {
        // One code can end a band of AC coefficients for thousands of blocks; its memory is already allocated, by the DC scan.
        long bitsPerBlock = !frame.IsProgressive ? 2 : scan.SpectralStart == 0 ? 1 : 0;
        if (bytes * 8 < scan.Blocks * bitsPerBlock)
        {
            throw new ImageFormatException(
                $"The scan has {scan.Blocks} blocks, which need at least {scan.Blocks * bitsPerBlock} bits; "
                + $"the rest of the file has {bytes} bytes.",
                offset);
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
                $"The scans visit {visits} blocks; "
                + $"expected at most {FreeBlockVisits + VisitsPerBlock * blocks} for an image of {blocks} blocks.",
                offset);
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
