namespace SimNet.Compute;

/// <summary>
/// A depthwise convolution or transposed convolution of one channels-last sample: each target channel depends only on the source channel
/// of the same index. The source is read in place, without padding: at the border only the taps inside the source are summed.
/// </summary>
internal sealed unsafe class DepthwiseConvolution
{
    private const int MaxUnits = 8;

    private readonly DepthwiseKernel _kernel;
    private readonly Shape _source;
    private readonly Shape _target;
    private readonly ConvolutionAxis _rows;
    private readonly ConvolutionAxis _columns;
    private readonly int _kernelHeight;
    private readonly int _kernelWidth;
    private readonly int _sourceStride;
    private readonly int _targetStride;
    private readonly int _weightStride;
    private readonly List<ColumnRun> _runs = [];
    private readonly PinnedBuffer<float> _packed;

    /// <summary>Prepares the convolution.</summary>
    /// <param name="kernel">The depthwise kernel.</param>
    /// <param name="source">Shape of the source.</param>
    /// <param name="target">Shape of the target; has the same number of channels.</param>
    /// <param name="map">The geometry of rows and columns.</param>
    /// <param name="kernelSize">Size of the convolution's kernel.</param>
    /// <param name="sourceStride">Distance between consecutive pixels of the source, in values.</param>
    /// <param name="targetStride">Distance between consecutive pixels of the target, in values.</param>
    public DepthwiseConvolution(
        DepthwiseKernel kernel,
        Shape source,
        Shape target,
        (ConvolutionAxis Rows, ConvolutionAxis Columns) map,
        Size2d kernelSize,
        int sourceStride,
        int targetStride)
    {
        _kernel = kernel;
        _source = source;
        _target = target;
        (_rows, _columns) = map;
        (_kernelHeight, _kernelWidth) = kernelSize;
        _sourceStride = sourceStride;
        _targetStride = targetStride;
        _weightStride = WeightStride(source.Channels);
        _packed = new PinnedBuffer<float>((long)kernelSize.Area * _weightStride);
        Units = Math.Min(MaxUnits, target.Height);
        for (int phase = 0; phase < _columns.Taps.Length; phase++)
        {
            AddRuns(phase);
        }
    }

    /// <summary>Number of independent units of work of <see cref="Run"/>.</summary>
    public int Units { get; }

    /// <summary>Distance between the weights, or the sums, of consecutive taps: whole vectors of the greatest width.</summary>
    public static int WeightStride(int channels) => (channels + 15) / 16 * 16;

    /// <summary>Whether a convolution is depthwise with one filter for each channel.</summary>
    public static bool IsSuitable(ConvolutionWindow window, Shape input, Shape output)
        => window.Groups > 1 && window.Groups == input.Channels && input.Channels == output.Channels;

    /// <summary>Packs the weights, channels x 1 x height x width, with channels last.</summary>
    public void Pack(float* weights)
    {
        int taps = _kernelHeight * _kernelWidth;
        for (int channel = 0; channel < _source.Channels; channel++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                _packed.Pointer[(nint)tap * _weightStride + channel] = *weights++;
            }
        }
    }

    /// <summary>Computes one unit of a sample.</summary>
    /// <param name="unit">Index of the unit.</param>
    /// <param name="source">The source, channels last.</param>
    /// <param name="target">The target, channels last; every value of the unit is written.</param>
    /// <param name="bias">Added to each pixel; a panel of values must be readable after the last. Null for none.</param>
    /// <param name="epilogue">The operations to apply to each value before it is written.</param>
    public void Run(int unit, float* source, float* target, float* bias, in Epilogue epilogue)
    {
        int end = (unit + 1) * _target.Height / Units;
        for (int y = unit * _target.Height / Units; y < end; y++)
        {
            (int firstRow, int rowCount) = Inside(_rows, y, _source.Height);
            int[] rowTaps = _rows.Taps[_rows.Phase[y]];
            nint rowSource = (nint)(_rows.Start[y] + firstRow * _rows.Step) * _source.Width;
            foreach (ColumnRun run in _runs)
            {
                bool empty = rowCount == 0 || run.Taps == 0;
                var row = new DepthwiseRow
                {
                    Channels = _source.Channels,
                    Count = run.Count,
                    Target = target + ((nint)y * _target.Width + run.Target) * _targetStride,
                    TargetStep = (nint)run.TargetStep * _targetStride,
                    Source = empty ? source : source + (rowSource + run.Source) * _sourceStride,
                    SourceStep = empty ? 0 : (nint)run.SourceStep * _sourceStride,
                    TapStep = (nint)_columns.Step * _sourceStride,
                    RowStep = (nint)_rows.Step * _source.Width * _sourceStride,
                    Weights = empty
                        ? _packed.Pointer
                        : _packed.Pointer + ((nint)rowTaps[firstRow] * _kernelWidth + run.FirstTap) * _weightStride,
                    TapWeights = (nint)run.TapWeights * _weightStride,
                    RowWeights = (nint)(rowTaps.Length > 1 ? rowTaps[1] - rowTaps[0] : 0) * _kernelWidth * _weightStride,
                    Rows = empty ? 0 : rowCount,
                    Taps = run.Taps,
                    Bias = bias,
                    Epilogue = epilogue,
                };
                _kernel.Row(row);
            }
        }

        GC.KeepAlive(this);
    }

    /// <summary>The part of a target's run that lies inside the source: the index of its first tap and the number of taps.</summary>
    private static (int First, int Count) Inside(ConvolutionAxis map, int target, int length)
    {
        int taps = map.Taps[map.Phase[target]].Length;
        int first = Math.Max(0, (-map.Start[target] + map.Step - 1) / map.Step);
        int end = length > map.Start[target] ? Math.Min(taps, (length - map.Start[target] + map.Step - 1) / map.Step) : 0;
        return first < end ? (first, end - first) : (0, 0);
    }

    /// <summary>Splits the targets of a phase into runs that use the same taps.</summary>
    private void AddRuns(int phase)
    {
        int[] targets = [.. Enumerable.Range(0, _target.Width).Where(x => _columns.Phase[x] == phase)];
        int[] taps = _columns.Taps[phase];
        for (int first = 0; first < targets.Length;)
        {
            (int tap, int count) = Inside(_columns, targets[first], _source.Width);
            int end = first + 1;
            while (end < targets.Length && Inside(_columns, targets[end], _source.Width) == (tap, count))
            {
                end++;
            }

            bool several = end - first > 1;
            _runs.Add(new ColumnRun(
                Target: targets[first],
                TargetStep: several ? targets[first + 1] - targets[first] : 0,
                Count: end - first,
                Source: _columns.Start[targets[first]] + tap * _columns.Step,
                SourceStep: several ? _columns.Start[targets[first + 1]] - _columns.Start[targets[first]] : 0,
                Taps: count,
                FirstTap: count > 0 ? taps[tap] : 0,
                TapWeights: taps.Length > 1 ? taps[1] - taps[0] : 0));
            first = end;
        }
    }

    /// <summary>A run of target columns that use the same taps. Units are columns and taps.</summary>
    private readonly record struct ColumnRun(
        int Target, int TargetStep, int Count, int Source, int SourceStep, int Taps, int FirstTap, int TapWeights);
}
