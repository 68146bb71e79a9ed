namespace SimNet.Compute;

/// <summary>
/// A convolution or transposed convolution of one channels-last sample by implicit GEMM: the matrix of im2col is never stored. Its rows
/// are target pixels, its columns (the inner dimension) are the values of their windows, read in place from a strip of zero-padded
/// source rows that fits in the cache; the columns of the product are the filters. A transposed convolution with stride s is s x s such
/// products, one for each phase, so that no inserted zero is multiplied. Each group is a convolution of its own slice of the channels.
/// </summary>
internal sealed unsafe class GemmConvolution
{
    // A strip that is copied should fit in the L1 cache, one that is read in place in the L2 cache.
    private const int CopiedStripValues = 12 * 1024;
    private const int StripValues = 48 * 1024;

    // Enough units of work for a few threads.
    private const int MinUnits = 4;

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

    /// <summary>Prepares the convolution.</summary>
    /// <param name="gemm">The GEMM micro-kernel.</param>
    /// <param name="source">Shape of the source.</param>
    /// <param name="target">Shape of the target.</param>
    /// <param name="map">The geometry of rows and columns.</param>
    /// <param name="window">The settings of the convolution.</param>
    /// <param name="channelStride">Distance in the weights between the kernels of adjacent source channels.</param>
    /// <param name="filterStride">Distance in the weights between the kernels of adjacent target channels.</param>
    /// <param name="sourceStride">Distance between consecutive pixels of the source, in values.</param>
    /// <param name="targetStride">Distance between consecutive pixels of the target, in values.</param>
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
        // A run of columns is read as one segment; rows may lie apart, so that dilation multiplies zeros along one axis only.
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
        _panelGroups = inPlace ? Math.Min((MinUnits + parts - 1) / parts, _panels) : 1;
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
                            sources.Add(empty ? 0 : checked(
                                (rows.Start[y] - strip.First) * strip.Stride + (columns.Start[x] + left) * strip.PixelStride));
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

    /// <summary>Number of workspace values that <see cref="Run"/> needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Number of independent units of work of <see cref="Run"/>.</summary>
    public int Units => _groups * _strips.Count * _panelGroups;

    /// <summary>Packs the weights, given in PyTorch's order, into panels.</summary>
    public void Pack(float* weights)
    {
        // The weights of a group follow those of the previous group, whichever side's channels are the outer dimension.
        nint groupStride = checked((nint)Math.Max(_channelStride * (long)_source.Channels, _filterStride * (long)_target.Channels));
        for (int group = 0; group < _groups; group++)
        {
            foreach (Phase phase in _phases)
            {
                Pack(phase, weights + group * groupStride, _packed.Pointer + (nint)group * _packedGroup + phase.Packed);
            }
        }
    }

    /// <summary>Computes one unit of a sample.</summary>
    /// <param name="unit">Index of the unit.</param>
    /// <param name="source">The source, channels last.</param>
    /// <param name="target">The target, channels last; every value of the unit is written.</param>
    /// <param name="bias">Added to each pixel; a panel of values must be readable from the first of each group. Null for none.</param>
    /// <param name="epilogue">The operations to apply to each value before it is written.</param>
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

    /// <summary>Number of columns of zeros that the windows reach on either side.</summary>
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

    /// <summary>The kernel taps of a phase and the start of its packed weights.</summary>
    private sealed record Phase(int[] RowTaps, int[] ColumnTaps, long Packed);

    /// <summary>
    /// A strip of target rows: the source rows it reads and, for each phase, the range of its pixels in the offset tables.
    /// </summary>
    private sealed record Strip(PaddedRows Source, (int Phase, int Start, int Count)[] Parts);
}
