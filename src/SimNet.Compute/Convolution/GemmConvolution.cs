namespace SimNet.Compute;

/// <summary>
/// A convolution or transposed convolution of one channels-last sample, as matrix products: the rows are target pixels, the inner
/// dimension their windows, read where they stand in a strip of zero-bordered source rows small enough for the cache; the columns
/// are the filters. A transposed convolution of stride s is s x s such products, one for each phase, so that no product with a
/// zero between spread values is made. Channels that fall into groups are as many convolutions, each of its own slice of the channels.
/// </summary>
internal sealed unsafe class GemmConvolution
{
    // A strip that is copied should lie in the first-level cache, one that is read in place in the second.
    private const int CopiedStripValues = 12 * 1024;
    private const int StripValues = 48 * 1024;

    // Enough for a few threads.
    private const int LeastUnits = 4;

    private readonly GemmKernel _gemm;
    private readonly Shape _source;
    private readonly Shape _target;
    private readonly int _groups;
    private readonly int _kernelWidth;
    private readonly int _rowStep;
    private readonly int _channelStride;
    private readonly int _filterStride;
    private readonly List<Phase> _phases = [];
    private readonly List<Strip> _strips = [];
    private readonly PinnedBuffer<int> _sourceOffsets;
    private readonly PinnedBuffer<int> _targetOffsets;
    private readonly PinnedBuffer<float> _packed;
    private readonly int _packedGroup;
    private readonly int _panels;
    private readonly int _panelGroups;

    /// <summary>Plans it.</summary>
    /// <param name="gemm">Does the products.</param>
    /// <param name="source">Shape of the source.</param>
    /// <param name="target">Shape of the target.</param>
    /// <param name="map">How target rows and columns take from the source's.</param>
    /// <param name="window">The kernel's size, and the groups of channels.</param>
    /// <param name="channelStride">Distance in the weights between a filter's kernels for neighbouring source channels.</param>
    /// <param name="filterStride">Distance in the weights between kernels for neighbouring target channels.</param>
    /// <param name="sourceStride">Values from one pixel of the source to the next.</param>
    /// <param name="targetStride">Values from one pixel of the target to the next.</param>
    public GemmConvolution(
        GemmKernel gemm,
        Shape source,
        Shape target,
        (ConvolutionAxis Rows, ConvolutionAxis Columns) map,
        ConvolutionWindow window,
        int channelStride,
        int filterStride,
        int sourceStride,
        int targetStride)
    {
        // A run of columns is read as one; rows may lie apart, so that dilation costs products with zeros along one axis only.
        ConvolutionAxis rows = map.Rows;
        ConvolutionAxis columns = map.Columns.WithoutGaps();
        int groups = window.Groups;
        source = source with { Channels = source.Channels / groups };
        target = target with { Channels = target.Channels / groups };
        _gemm = gemm;
        _source = source;
        _target = target;
        _groups = groups;
        _kernelWidth = window.KernelSize.Width;
        _rowStep = rows.Step;
        _channelStride = channelStride;
        _filterStride = filterStride;
        _panels = (target.Channels + GemmKernel.PanelColumns - 1) / GemmKernel.PanelColumns;

        long packed = 0;
        foreach (int[] rowTaps in rows.Taps)
        {
            foreach (int[] columnTaps in columns.Taps)
            {
                bool empty = rowTaps.Length == 0 || columnTaps.Length == 0;
                _phases.Add(new Phase(empty ? [] : rowTaps, empty ? [] : columnTaps, packed));
                packed += (long)rowTaps.Length * columnTaps.Length * source.Channels * _panels * GemmKernel.PanelColumns;
            }
        }

        _packed = new PinnedBuffer<float>(packed * groups);
        _packedGroup = (int)packed;
        var sources = new List<int>();
        var targets = new List<int>();
        (int left, int right) = Border(columns, source.Width);
        int rowValues = checked((left + source.Width + right) * source.Channels);
        bool gapsAllowed = columns.Taps.All(taps => taps.Length <= 1);
        bool inPlace = left == 0 && right == 0 && (gapsAllowed || sourceStride == source.Channels);
        long strips = Math.Clamp((long)rowValues * source.Height / (inPlace ? StripValues : CopiedStripValues) + 1, 1, target.Height);
        int cycle = rows.Taps.Length;
        int targetRows = (int)((target.Height + strips - 1) / strips);
        targetRows = (targetRows + cycle - 1) / cycle * cycle;
        for (int first = 0; first < target.Height; first += targetRows)
        {
            AddStrip(first, Math.Min(first + targetRows, target.Height));
        }

        int parts = _strips.Count * groups;
        _panelGroups = inPlace ? Math.Min((LeastUnits + parts - 1) / parts, _panels) : 1;
        _sourceOffsets = Copy(sources);
        _targetOffsets = Copy(targets);
        WorkspaceLength = _strips.Max(strip => strip.Source.InPlace ? 0 : strip.Source.Length);

        void AddStrip(int first, int end)
        {
            int top = int.MaxValue;
            int bottom = int.MinValue;
            for (int y = first; y < end; y++)
            {
                int reach = rows.Reach(y);
                if (reach > 0)
                {
                    top = Math.Min(top, rows.Start[y]);
                    bottom = Math.Max(bottom, rows.Start[y] + reach);
                }
            }

            var strip = new PaddedRows(source, bottom < top ? 0 : top, Math.Max(0, bottom - top), left, right, sourceStride, gapsAllowed);
            var parts = new List<(int, int, int)>();
            for (int number = 0; number < _phases.Count; number++)
            {
                int start = sources.Count;
                (int rowPhase, int columnPhase) = Math.DivRem(number, columns.Taps.Length);
                bool empty = _phases[number].RowTaps.Length == 0;
                for (int y = first; y < end; y++)
                {
                    for (int x = 0; x < target.Width && rows.Phase[y] == rowPhase; x++)
                    {
                        if (columns.Phase[x] == columnPhase)
                        {
                            sources.Add(empty ? 0 : checked((rows.Start[y] - strip.First) * strip.Stride + (columns.Start[x] + left) * strip.PixelStride));
                            targets.Add(checked((y * target.Width + x) * targetStride));
                        }
                    }
                }

                if (sources.Count > start)
                {
                    parts.Add((number, start, sources.Count - start));
                }
            }

            _strips.Add(new Strip(strip, [.. parts]));
        }
    }

    /// <summary>Values of workspace that <see cref="Run"/> needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Number of parts, which do not depend on each other, that <see cref="Run"/> is made of.</summary>
    public int Units => _groups * _strips.Count * _panelGroups;

    /// <summary>Brings the weights, in PyTorch's order, into the order that <see cref="Run"/> reads.</summary>
    public void Pack(float* weights)
    {
        // A group's weights follow the last group's, whichever side's channels lie in the outer dimension.
        nint groupStride = checked((nint)Math.Max(_channelStride * (long)_source.Channels, _filterStride * (long)_target.Channels));
        for (int group = 0; group < _groups; group++)
        {
            foreach (Phase phase in _phases)
            {
                Pack(phase, weights + group * groupStride, _packed.Pointer + (nint)group * _packedGroup + phase.Packed);
            }
        }
    }

    /// <summary>One part of a sample.</summary>
    /// <param name="unit">The part's number.</param>
    /// <param name="source">The source, channels last.</param>
    /// <param name="target">Every value of the part is written, channels last.</param>
    /// <param name="bias">Added to each pixel, with a panel of readable values from each group's first on; or null.</param>
    /// <param name="epilogue">What is done with a value before it is written.</param>
    /// <param name="workspace"><see cref="WorkspaceLength"/> values.</param>
    public void Run(int unit, float* source, float* target, float* bias, in Epilogue epilogue, float* workspace)
    {
        (int whole, int panelGroup) = Math.DivRem(unit, _panelGroups);
        (int group, int number) = Math.DivRem(whole, _strips.Count);
        int firstPanel = panelGroup * _panels / _panelGroups;
        int endPanel = (panelGroup + 1) * _panels / _panelGroups;
        int channels = _source.Channels;
        int firstFilter = group * _target.Channels;
        float* packed = _packed.Pointer + (nint)group * _packedGroup;
        Strip strip = _strips[number];
        float* rows = strip.Source.Get(source + group * channels, workspace);
        foreach ((int phaseNumber, int start, int count) in strip.Parts)
        {
            Phase phase = _phases[phaseNumber];
            int inner = phase.RowTaps.Length * phase.ColumnTaps.Length * channels;
            for (int panel = firstPanel; panel < endPanel; panel++)
            {
                int column = panel * GemmKernel.PanelColumns;
                var product = new GemmPanel
                {
                    A = rows,
                    ARows = _sourceOffsets.Pointer + start,
                    AStep = 1,
                    ASegmentStride = (nint)_rowStep * strip.Source.Stride,
                    B = packed + phase.Packed + (nint)column * inner,
                    BStep = GemmKernel.PanelColumns,
                    BSegmentStride = (nint)phase.ColumnTaps.Length * channels * GemmKernel.PanelColumns,
                    Segments = phase.RowTaps.Length,
                    SegmentLength = phase.ColumnTaps.Length * channels,
                    C = target + firstFilter + column,
                    CRows = _targetOffsets.Pointer + start,
                    Rows = count,
                    Columns = Math.Min(_target.Channels - column, GemmKernel.PanelColumns),
                    Bias = bias == null ? null : bias + firstFilter + column,
                    Epilogue = epilogue,
                };
                _gemm.Multiply(product);
            }
        }
    }

    private void Pack(Phase phase, float* weights, float* to)
    {
        for (int panel = 0; panel < _panels; panel++)
        {
            int filters = Math.Min(_target.Channels - panel * GemmKernel.PanelColumns, GemmKernel.PanelColumns);
            foreach (int y in phase.RowTaps)
            {
                foreach (int x in phase.ColumnTaps)
                {
                    float* from = weights + y * _kernelWidth + x + (nint)panel * GemmKernel.PanelColumns * _filterStride;
                    for (int channel = 0; channel < _source.Channels; channel++)
                    {
                        for (int filter = 0; filter < filters && x >= 0; filter++)
                        {
                            to[filter] = from[(nint)channel * _channelStride + (nint)filter * _filterStride];
                        }

                        to += GemmKernel.PanelColumns;
                    }
                }
            }
        }
    }

    /// <summary>Columns of zeros that the windows reach on either side.</summary>
    private static (int Before, int After) Border(ConvolutionAxis map, int length)
    {
        int before = 0;
        int after = 0;
        for (int t = 0; t < map.Start.Length; t++)
        {
            int reach = map.Reach(t);
            if (reach > 0)
            {
                before = Math.Max(before, -map.Start[t]);
                after = Math.Max(after, map.Start[t] + reach - length);
            }
        }

        return (before, after);
    }

    private static PinnedBuffer<int> Copy(List<int> values)
    {
        var buffer = new PinnedBuffer<int>(values.Count);
        values.CopyTo(buffer.Span);
        return buffer;
    }

    /// <summary>The kernel positions of a phase's window and where its packed weights begin.</summary>
    private sealed record Phase(int[] RowTaps, int[] ColumnTaps, long Packed);

    /// <summary>Some target rows: the source rows they need and, for each phase, its pixels' place in the offset tables.</summary>
    private sealed record Strip(PaddedRows Source, (int Phase, int Start, int Count)[] Parts);
}
