using System.Buffers;

namespace SimNet.Embeddings;

/// <summary>
/// Decodes JPEG (ITU T.81): 8-bit Huffman-coded baseline, extended sequential and progressive, to the pixels of libjpeg's default settings.
/// </summary>
/// <remarks>
/// <para>Blemishes. The decoder goes on as libjpeg does where a file is not as it should be, so that the pixels are the same, and lists
/// what it found. What makes pixels wrong or missing is an error unless the caller wants to salvage them: a scan that is cut short, an
/// invalid code. A progressive file may lack scans; it is decoded as it is, where libjpeg smooths it.</para>
/// <para>Memory. Size limits are checked at the frame header. All memory is reserved and allocated when the first scan starts, and only
/// if the rest of the file has the minimum number of bits for the blocks of the scan (a code of one bit for each DC coefficient and, in
/// sequential scans, one for each end of block). So each byte of the file can cause at most 512 samples to be allocated, apart from padding
/// to whole MCUs. The image takes 1 or 3 bytes per pixel; a progressive frame 2 more per sample until it is decoded, and a sequential one
/// whose components are in separate scans 1 more. Otherwise only two rows of MCUs are in memory.</para>
/// <para>Time. Each bit of a coefficient may be coded only once, and progressive scans may visit at most <see cref="FreeBlockVisits"/>
/// blocks plus <see cref="VisitsPerBlock"/> for each block of the image.</para>
/// </remarks>
internal sealed class JpegDecoder
{
    /// <summary>Encoders use about 4 scans of each component; small images, which decode quickly anyway, may have more.</summary>
    private const long FreeBlockVisits = 4 << 20;
    private const long VisitsPerBlock = 16;

    private static JpegTables? _spareTables;

    private readonly ImageDecoderOptions _options;
    private readonly JpegTables _tables;
    private readonly byte[] _window;
    private readonly bool _skipsScans;
    private readonly JpegMetadata _metadata = new();
    private readonly JpegBlemishes _blemishes;
    private JpegFrame? _frame;
    private JpegPixels? _pixels;
    private IDisposable? _reservation;
    private int _scans;
    private long _decodedMcus;
    private long _visits;
    private bool _hasSkippedScan;

    private JpegDecoder(ImageDecoderOptions options, JpegTables tables, byte[] window, bool skipsScans)
    {
        _options = options;
        _tables = tables;
        _window = window;
        _skipsScans = skipsScans;
        _blemishes = new JpegBlemishes(options.Tolerance);
    }

    /// <summary>Decodes a file.</summary>
    public static Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        JpegTables tables = Interlocked.Exchange(ref _spareTables, null) ?? new JpegTables();
        byte[] window = ArrayPool<byte>.Shared.Rent(EntropyCodedData.WindowLength(data.Length));
        try
        {
            // Where a file ends after a scan that was skipped, only decoding it tells whether it is whole.
            return Decode(data, options, tables, window, skipsScans: true)
                ?? Decode(data, options, tables, window, skipsScans: false)!;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
            Volatile.Write(ref _spareTables, tables);
        }
    }

    private static Image? Decode(
        ReadOnlySpan<byte> data, ImageDecoderOptions options, JpegTables tables, byte[] window, bool skipsScans)
    {
        tables.Reset();
        var decoder = new JpegDecoder(options, tables, window, skipsScans);
        try
        {
            return decoder.Decode(data);
        }
        finally
        {
            decoder._pixels?.ReturnAll();
            decoder._frame?.ReturnAll();
            decoder._reservation?.Dispose();
        }
    }

    /// <summary>Decodes the file; null if it ends after a scan that was skipped.</summary>
    private Image? Decode(ReadOnlySpan<byte> data)
    {
        if (!data.StartsWith((ReadOnlySpan<byte>)[0xFF, JpegMarker.StartOfImage]))
        {
            throw new ImageFormatException("The file does not start with FFD8, the start-of-image marker of JPEG.", 0);
        }

        try
        {
            if (!ReadSegments(data))
            {
                return null;
            }
        }
        catch (ImageFormatException damage) when (_blemishes.Salvages && _decodedMcus > 0)
        {
            _blemishes.AddDamage(damage);
        }

        return Finish();
    }

    /// <summary>Reads all segments. Returns false if the file ends after a scan that was skipped.</summary>
    private bool ReadSegments(ReadOnlySpan<byte> data)
    {
        int position = 2;
        while (true)
        {
            bool isComplete = _frame is { IsComplete: true };
            int start = position;
            int marker = NextMarker(data, ref position);
            if (marker == JpegMarker.EndOfImage)
            {
                ExpectEnough(position - 2, isCut: false);
                return true;
            }

            if (marker < 0 || (isComplete && IsTrailer(data, marker, start, position)))
            {
                if (_hasSkippedScan)
                {
                    return false;
                }

                ExpectEnough(data.Length, isCut: true);
                _blemishes.Add("The end-of-image marker (FFD9) is missing.", start);
                return true;
            }

            position = ReadSegment(data, position, (byte)marker);
        }
    }

    /// <summary>
    /// Finds the next marker and moves past it; -1 if there is none. B.1.1.2 allows fill bytes; like libjpeg, this method ignores any other
    /// bytes before a marker too.
    /// </summary>
    private int NextMarker(ReadOnlySpan<byte> data, ref int position)
    {
        int start = position;
        while (true)
        {
            int distance = position < data.Length ? data[position..].IndexOf((byte)0xFF) : -1;
            if (distance < 0)
            {
                return -1;
            }

            position += distance;
            int first = position;
            while (position < data.Length && data[position] == 0xFF)
            {
                position++;
            }

            if (position < data.Length && data[position] != 0)
            {
                if (first > start && _frame is not { IsComplete: true })
                {
                    _blemishes.Add($"There are {first - start} bytes between two segments.", start);
                }

                return data[position++];
            }
        }
    }

    /// <summary>
    /// Whether what follows a complete image is no JPEG segment: some cameras append data of their own, with or without an end-of-image
    /// marker before it.
    /// </summary>
    private static bool IsTrailer(ReadOnlySpan<byte> data, int marker, int start, int position)
    {
        bool isContiguous = data[start..(position - 1)].IndexOfAnyExcept((byte)0xFF) < 0;
        bool hasLength = marker is >= JpegMarker.BaselineFrame and not (>= JpegMarker.FirstRestart and <= JpegMarker.StartOfImage);
        if (!hasLength)
        {
            return !isContiguous || marker == JpegMarker.StartOfImage
                || (marker != JpegMarker.Temporary && !JpegMarker.IsRestart((byte)marker));
        }

        int length = position + 2 <= data.Length ? data[position] << 8 | data[position + 1] : 0;
        return !isContiguous || length < 2 || length > data.Length - position || JpegMarker.IsFrame((byte)marker);
    }

    /// <summary>Reads a segment and returns the offset of its end.</summary>
    private int ReadSegment(ReadOnlySpan<byte> data, int position, byte marker)
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
                throw ImageDecoder.Unsupported("an arithmetic-coded JPEG image", position - 2);
            case JpegMarker.HierarchicalProgression or JpegMarker.ExpandReferenceComponents:
                throw ImageDecoder.Unsupported("a hierarchical JPEG image", position - 2);
            case JpegMarker.StartOfScan:
                return DecodeScan(data, new JpegSegment(data, position, "SOS"));
        }

        if (JpegMarker.IsFrame(marker))
        {
            if (_frame is not null)
            {
                throw new ImageFormatException($"Unexpected second frame header (marker FF{marker:X2}); expected one.", position - 2);
            }

            var header = new JpegSegment(data, position, "SOF");
            _frame = JpegFrame.Read(header, marker, data, _options, _blemishes);
            return header.End;
        }

        var segment = new JpegSegment(data, position, $"FF{marker:X2}");
        switch (marker)
        {
            case JpegMarker.QuantizationTables:
                _tables.ReadQuantization(segment);
                break;
            case JpegMarker.HuffmanTables:
                _tables.ReadHuffman(segment);
                break;
            case JpegMarker.RestartInterval:
                _tables.ReadRestartInterval(segment);
                break;
            case JpegMarker.Application0:
                _metadata.ReadApplication0(segment);
                break;
            case JpegMarker.Application1:
                _metadata.ReadApplication1(segment);
                break;
            case JpegMarker.Application14:
                _metadata.ReadApplication14(segment);
                break;
        }

        return segment.End;
    }

    /// <summary>Decodes a scan and returns the offset at which its entropy-coded data ends.</summary>
    private int DecodeScan(ReadOnlySpan<byte> data, JpegSegment segment)
    {
        int offset = segment.Offset;
        if (_frame is null)
        {
            throw new ImageFormatException("Unexpected scan (SOS) before the frame header (SOF).", offset);
        }

        JpegScan scan = JpegScan.Read(segment, _frame, _tables, ++_scans, _blemishes);
        int start = segment.End;
        ExpectEnoughData(data.Length - start, scan, start);
        ExpectBoundedWork(scan, offset);
        if (_pixels is null)
        {
            Plan(scan);
        }

        foreach (JpegComponent component in scan.Components)
        {
            if (!component.HasStarted)
            {
                component.Start(
                    _tables.Quantization(component.QuantizationIndex, offset), _frame.IsProgressive, isStreamed: scan.IsOnlyScan);
            }
        }

        if (_skipsScans && scan.IsNeedless)
        {
            _hasSkippedScan = true;
            scan.RecordProgression();
            return EntropyCodedData.SkipScan(data, start);
        }

        var entropyCoded = new EntropyCodedData(data, start, _window, _blemishes);
        try
        {
            Decode(scan, ref entropyCoded);
        }
        finally
        {
            _decodedMcus += scan.DecodedMcus;
        }

        scan.RecordProgression();
        return entropyCoded.End;
    }

    /// <summary>Decides what is decoded, reserves the memory for it and allocates the image.</summary>
    private void Plan(JpegScan scan)
    {
        JpegColor color = _metadata.Color(_frame!);
        JpegPlan plan = JpegPlan.Create(_frame!, color, _metadata.Orientation, _options);
        _frame!.SetPlan(plan, _skipsScans);
        if (plan.IsLumaOnly)
        {
            color = JpegColor.Gray;
        }

        long pixels = (long)_frame.OutputWidth * _frame.OutputHeight;
        _reservation = _options.Memory.Reserve(
            _window.Length + _frame.WorkingBytes(scan.IsOnlyScan) + pixels * (color == JpegColor.Gray ? 1 : 3));
        _pixels = new JpegPixels(_frame, color, _metadata.Orientation);
    }

    private void Decode(JpegScan scan, ref EntropyCodedData data)
    {
        int restartInterval = _tables.RestartInterval;
        if (!_frame!.IsProgressive)
        {
            var sequential = default(SequentialBlockDecoder);
            ScanDecoder.Decode(
                scan, restartInterval, ref data, ref sequential, _blemishes, scan.IsOnlyScan ? _pixels : null);
            return;
        }

        switch (scan.SpectralStart == 0, scan.ApproximationHigh == 0)
        {
            case (true, true):
                var dcFirst = new ProgressiveDcFirst(scan.ApproximationLow);
                ScanDecoder.Decode(scan, restartInterval, ref data, ref dcFirst, _blemishes, pixels: null);
                break;
            case (true, false):
                var dcRefinement = new ProgressiveDcRefinement(scan.ApproximationLow);
                ScanDecoder.Decode(scan, restartInterval, ref data, ref dcRefinement, _blemishes, pixels: null);
                break;
            case (false, true):
                var acFirst = new ProgressiveAcFirst(scan.SpectralStart, scan.SpectralEnd, scan.ApproximationLow);
                ScanDecoder.Decode(scan, restartInterval, ref data, ref acFirst, _blemishes, pixels: null);
                break;
            case (false, false):
                var acRefinement = new ProgressiveAcRefinement(scan.SpectralStart, scan.SpectralEnd, scan.ApproximationLow);
                ScanDecoder.Decode(scan, restartInterval, ref data, ref acRefinement, _blemishes, pixels: null);
                break;
        }
    }

    /// <summary>Throws if the rest of the file is too short for the scan, before memory is allocated for it.</summary>
    private void ExpectEnoughData(long bytes, JpegScan scan, long offset)
    {
        // One code can end a band of AC coefficients for thousands of blocks; its memory is already allocated, by the DC scan.
        bool isFirst = false;
        foreach (JpegComponent component in scan.Components)
        {
            isFirst |= !component.HasStarted;
        }

        long bits = scan.Blocks * (!_frame!.IsProgressive ? 2 : scan.SpectralStart == 0 || isFirst ? 1 : 0);

        // Of an image that is cut short at least a hundredth must be there.
        if (bytes * 8 < (_blemishes.Salvages ? bits / 100 : bits))
        {
            throw new ImageFormatException(
                $"The image is cut short after less than {Math.Min(100, bytes * 800 / bits + 1)} % of the rows: "
                + $"the scan has {scan.Blocks} blocks, which need at least {bits} bits; the rest of the file has {bytes} bytes.",
                offset)
            {
                Cause = "cut short",
            };
        }
    }

    private void ExpectBoundedWork(JpegScan scan, long offset)
    {
        long blocks = 0;
        foreach (JpegComponent component in _frame!.Components)
        {
            blocks += (long)component.StoredBlocksWide * component.StoredBlocksHigh;
        }

        _visits += scan.Blocks;
        if (_visits > FreeBlockVisits + VisitsPerBlock * blocks)
        {
            throw new ImageFormatException(
                $"The scans visit {_visits} blocks; "
                + $"expected at most {FreeBlockVisits + VisitsPerBlock * blocks} for an image of {blocks} blocks.",
                offset);
        }
    }

    /// <summary>Checks at the end of the file that there is an image.</summary>
    private void ExpectEnough(long offset, bool isCut)
    {
        if (_frame is null || _scans == 0)
        {
            throw new ImageFormatException(
                isCut
                    ? "The image is cut short after 0 % of the rows: the file ends before the first scan."
                    : $"The file ends without a {(_frame is null ? "frame header (SOF)" : "scan (SOS)")}.",
                offset)
            {
                Cause = isCut ? "cut short" : "damaged",
            };
        }

        foreach (JpegComponent component in _frame.Components)
        {
            if (component.HasStarted)
            {
                continue;
            }

            if (_frame.IsProgressive)
            {
                _blemishes.Add($"Component {component.Id} has no scan.", offset);
            }
            else
            {
                _blemishes.AddDamage(
                    new ImageFormatException($"The file ends without a scan of component {component.Id}.", offset)
                    {
                        Cause = isCut ? "cut short" : "damaged",
                    });
            }
        }

        if (!_frame.IsComplete)
        {
            _blemishes.Add("The progressive image lacks scans; it is decoded without them.", offset);
        }
    }

    /// <summary>
    /// Completes the image. Here ends what depends on JPEG: the pixels are gray or RGB, upright, in the color space of the file.
    /// </summary>
    private Image Finish()
    {
        if (_frame!.IsProgressive)
        {
            ProgressiveTransform.Run(_frame, _pixels!);
        }
        else
        {
            foreach (JpegComponent component in _frame.Components)
            {
                if (!component.HasStarted && component.BlockSize > 0)
                {
                    component.RentSamples(isStreamed: false);
                }
            }
        }

        _pixels!.Complete();
        return _pixels.ToImage(_blemishes.Sentences);
    }
}
