namespace SimNet.Models;

/// <summary>
/// A convolution or transposed convolution of one channels-last sample, as matrix products: the rows are target pixels, the inner
/// dimension their windows, read where they stand in a strip of zero-bordered source rows small enough for the cache; the columns
/// are the filters. A transposed convolution of stride s is s x s such products, one for each phase, so that no product with a
/// zero between spread values is made.
/// </summary>
internal sealed unsafe class Correlation
{
    private const int StripValues = 12 * 1024;

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

    /// <summary>Plans it.</summary>
    /// <param name="gemm">Does the products.</param>
    /// <param name="source">Shape of the source.</param>
    /// <param name="target">Shape of the target.</param>
    /// <param name="rows">How target rows take from source rows.</param>
    /// <param name="columns">How target columns take from source columns.</param>
    /// <param name="kernel">Height and width of the kernel.</param>
    /// <param name="channelStride">Distance in the weights between a filter's kernels for neighbouring source channels.</param>
    /// <param name="filterStride">Distance in the weights between kernels for neighbouring target channels.</param>
    public Correlation(GemmKernel gemm, Shape source, Shape target, AxisMap rows, AxisMap columns, int kernel, int channelStride, int filterStride)
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
        int cycle = rows.Taps.Length;
        int targetRows = (int)Math.Clamp((long)StripValues * target.Height / Math.Max(1, (long)rowValues * source.Height), 1, target.Height);
        targetRows = (targetRows + cycle - 1) / cycle * cycle;
        for (int first = 0; first < target.Height; first += targetRows)
        {
            AddStrip(first, Math.Min(first + targetRows, target.Height), rows, columns, left, right, sources, targets);
        }

        _sourceOffsets = Copy(sources);
        _targetOffsets = Copy(targets);
        ScratchLength = _strips.Max(strip => strip.Source.InPlace ? 0 : strip.Source.Length);
    }

    /// <summary>Values of scratch that <see cref="Run"/> needs.</summary>
    public int ScratchLength { get; }

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

    /// <summary>One sample.</summary>
    /// <param name="source">The source, channels last.</param>
    /// <param name="target">Every value is written, channels last.</param>
    /// <param name="bias">Added to each pixel, padded to whole panels; or null.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> values.</param>
    public void Run(float* source, float* target, float* bias, float* scratch)
    {
        int channels = _source.Channels;
        foreach (Strip strip in _strips)
        {
            float* rows = strip.Source.Get(source, scratch);
            foreach ((int number, int start, int tiles) in strip.Tiles)
            {
                Phase phase = _phases[number];
                int inner = phase.RowTaps.Length * phase.ColumnTaps.Length * channels;
                for (int panel = 0; panel < _panels; panel++)
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
                        Tiles = tiles,
                        Columns = Math.Min(_target.Channels - column, GemmKernel.PanelColumns),
                        Bias = bias == null ? null : bias + column,
                    };
                    _gemm.Multiply(product);
                }
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

    private void AddStrip(int first, int end, AxisMap rows, AxisMap columns, int left, int right, List<int> sources, List<int> targets)
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

        var source = bottom < top ? new SourceRows(_source, 0, 0, left, right) : new SourceRows(_source, top, bottom - top, left, right);
        var tiles = new List<(int, int, int)>();
        for (int number = 0; number < _phases.Count; number++)
        {
            int start = sources.Count;
            (int rowPhase, int columnPhase) = Math.DivRem(number, columns.Taps.Length);
            bool empty = _phases[number].RowTaps.Length == 0;
            for (int y = first; y < end; y++)
            {
                for (int x = 0; x < _target.Width && rows.Phase[y] == rowPhase; x++)
                {
                    if (columns.Phase[x] == columnPhase)
                    {
                        sources.Add(empty ? 0 : checked((rows.Start[y] - source.First) * source.Stride + (columns.Start[x] + left) * _source.Channels));
                        targets.Add(checked((y * _target.Width + x) * _target.Channels));
                    }
                }
            }

            // The last tile is filled up by repeating its last pixel, which is then written more than once with the same values.
            while ((sources.Count - start) % GemmKernel.TileRows != 0)
            {
                sources.Add(sources[^1]);
                targets.Add(targets[^1]);
            }

            if (sources.Count > start)
            {
                tiles.Add((number, start, (sources.Count - start) / GemmKernel.TileRows));
            }
        }

        _strips.Add(new Strip(source, [.. tiles]));
    }

    /// <summary>The kernel positions of a phase's window and where its packed weights begin.</summary>
    private sealed record Phase(int[] RowTaps, int[] ColumnTaps, long Packed);

    /// <summary>Some target rows: the source rows they need and, for each phase, its pixels' place in the offset tables.</summary>
    private sealed record Strip(SourceRows Source, (int Phase, int Start, int Tiles)[] Tiles);
}
