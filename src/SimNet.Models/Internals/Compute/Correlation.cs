namespace SimNet.Models;

/// <summary>
/// A convolution or transposed convolution of one channels-last sample, as matrix products: the rows are target pixels, the inner
/// dimension their windows, read where they stand in a strip of zero-bordered source rows small enough for the cache; the columns
/// are the filters. A transposed convolution of stride s is s x s such products, one for each phase, so that no product with a
/// zero between spread values is made.
/// </summary>
internal sealed unsafe class Correlation
{
    // A strip that is copied should lie in the first-level cache, one that is read in place in the second.
    private const int CopiedStripValues = 12 * 1024;
    private const int StripValues = 48 * 1024;

    // Enough for a few threads.
    private const int LeastUnits = 4;

    private readonly GemmKernel _gemm;
    private readonly Shape _source;
    private readonly Shape _target;
    private readonly int _kernel;
    private readonly int _channelStride;
    private readonly int _filterStride;
    private readonly List<Phase> _phases = [];
    private readonly List<Strip> _strips = [];
    private readonly PinnedBuffer<int> _sourceOffsets;
    private readonly PinnedBuffer<int> _targetOffsets;
    private readonly PinnedBuffer<float> _packed;
    private readonly int _panels;
    private readonly int _panelGroups;

    /// <summary>Plans it.</summary>
    /// <param name="gemm">Does the products.</param>
    /// <param name="source">Shape of the source.</param>
    /// <param name="target">Shape of the target.</param>
    /// <param name="rows">How target rows take from source rows.</param>
    /// <param name="columns">How target columns take from source columns.</param>
    /// <param name="kernel">Height and width of the kernel.</param>
    /// <param name="channelStride">Distance in the weights between a filter's kernels for neighbouring source channels.</param>
    /// <param name="filterStride">Distance in the weights between kernels for neighbouring target channels.</param>
    /// <param name="sourceStride">Values from one pixel of the source to the next.</param>
    /// <param name="targetStride">Values from one pixel of the target to the next.</param>
    public Correlation(
        GemmKernel gemm, Shape source, Shape target, AxisMap rows, AxisMap columns, int kernel, int channelStride, int filterStride, int sourceStride, int targetStride)
    {
        _gemm = gemm;
        _source = source;
        _target = target;
        _kernel = kernel;
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

        _packed = new PinnedBuffer<float>(packed);
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

        _panelGroups = inPlace ? Math.Min((LeastUnits + _strips.Count - 1) / _strips.Count, _panels) : 1;
        _sourceOffsets = Copy(sources);
        _targetOffsets = Copy(targets);
        ScratchLength = _strips.Max(strip => strip.Source.InPlace ? 0 : strip.Source.Length);

        void AddStrip(int first, int end)
        {
            int top = int.MaxValue;
            int bottom = int.MinValue;
            for (int y = first; y < end; y++)
            {
                int taps = rows.Taps[rows.Phase[y]].Length;
                if (taps > 0)
                {
                    top = Math.Min(top, rows.Start[y]);
                    bottom = Math.Max(bottom, rows.Start[y] + taps);
                }
            }

            var strip = new SourceRows(source, bottom < top ? 0 : top, Math.Max(0, bottom - top), left, right, sourceStride, gapsAllowed);
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

    /// <summary>Values of scratch that <see cref="Run"/> needs.</summary>
    public int ScratchLength { get; }

    /// <summary>Number of parts, which do not depend on each other, that <see cref="Run"/> is made of.</summary>
    public int Units => _strips.Count * _panelGroups;

    /// <summary>Brings the weights, in PyTorch's order, into the order that <see cref="Run"/> reads.</summary>
    public void Pack(float* weights)
    {
        foreach (Phase phase in _phases)
        {
            float* to = _packed.Pointer + phase.Packed;
            for (int panel = 0; panel < _panels; panel++)
            {
                int filters = Math.Min(_target.Channels - panel * GemmKernel.PanelColumns, GemmKernel.PanelColumns);
                foreach (int y in phase.RowTaps)
                {
                    foreach (int x in phase.ColumnTaps)
                    {
                        float* from = weights + y * _kernel + x + (nint)panel * GemmKernel.PanelColumns * _filterStride;
                        for (int channel = 0; channel < _source.Channels; channel++)
                        {
                            for (int filter = 0; filter < filters; filter++)
                            {
                                to[filter] = from[(nint)channel * _channelStride + (nint)filter * _filterStride];
                            }

                            to += GemmKernel.PanelColumns;
                        }
                    }
                }
            }
        }
    }

    /// <summary>One part of a sample.</summary>
    /// <param name="unit">The part's number.</param>
    /// <param name="source">The source, channels last.</param>
    /// <param name="target">Every value of the part is written, channels last.</param>
    /// <param name="bias">Added to each pixel, padded to whole panels; or null.</param>
    /// <param name="epilogue">What is done with a value before it is written.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> values.</param>
    public void Run(int unit, float* source, float* target, float* bias, in Epilogue epilogue, float* scratch)
    {
        (int number, int group) = Math.DivRem(unit, _panelGroups);
        int firstPanel = group * _panels / _panelGroups;
        int endPanel = (group + 1) * _panels / _panelGroups;
        int channels = _source.Channels;
        Strip strip = _strips[number];
        float* rows = strip.Source.Get(source, scratch);
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
                    ASegmentStride = strip.Source.Stride,
                    B = _packed.Pointer + phase.Packed + (nint)column * inner,
                    BStep = GemmKernel.PanelColumns,
                    BSegmentStride = (nint)phase.ColumnTaps.Length * channels * GemmKernel.PanelColumns,
                    Segments = phase.RowTaps.Length,
                    SegmentLength = phase.ColumnTaps.Length * channels,
                    C = target + column,
                    CRows = _targetOffsets.Pointer + start,
                    Rows = count,
                    Columns = Math.Min(_target.Channels - column, GemmKernel.PanelColumns),
                    Bias = bias == null ? null : bias + column,
                    Epilogue = epilogue,
                };
                _gemm.Multiply(product);
            }
        }
    }

    /// <summary>Columns of zeros that the windows reach on either side.</summary>
    private static (int Before, int After) Border(AxisMap map, int length)
    {
        int before = 0;
        int after = 0;
        for (int t = 0; t < map.Start.Length; t++)
        {
            int taps = map.Taps[map.Phase[t]].Length;
            if (taps > 0)
            {
                before = Math.Max(before, -map.Start[t]);
                after = Math.Max(after, map.Start[t] + taps - length);
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
    private sealed record Strip(SourceRows Source, (int Phase, int Start, int Count)[] Parts);
}
