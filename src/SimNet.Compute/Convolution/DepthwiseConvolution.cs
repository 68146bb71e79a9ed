namespace SimNet.Compute;

/// <summary>
/// A convolution or transposed convolution of one channels-last sample in which each target channel takes from one source channel, its own. It reads
/// the source where it lies: results at the border see a part of the kernel.
/// </summary>
internal sealed unsafe class DepthwiseConvolution
{
    private const int MostUnits = 8;

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

    /// <summary>Plans it.</summary>
    /// <param name="kernel">Does the products.</param>
    /// <param name="source">Shape of the source.</param>
    /// <param name="target">Shape of the target; as many channels.</param>
    /// <param name="map">How target rows and columns take from the source's.</param>
    /// <param name="kernelSize">Size of the kernel.</param>
    /// <param name="sourceStride">Values from one pixel of the source to the next.</param>
    /// <param name="targetStride">Values from one pixel of the target to the next.</param>
    public DepthwiseConvolution(
        DepthwiseKernel kernel, Shape source, Shape target, (ConvolutionAxis Rows, ConvolutionAxis Columns) map, Size2d kernelSize, int sourceStride, int targetStride)
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
        Units = Math.Min(MostUnits, target.Height);
        for (int phase = 0; phase < _columns.Taps.Length; phase++)
        {
            AddRuns(phase);
        }
    }

    /// <summary>Number of parts, which do not depend on each other, that <see cref="Run"/> is made of.</summary>
    public int Units { get; }

    /// <summary>Values from one tap's weights, or sums, to the next's: whole vectors of the widest kind.</summary>
    public static int WeightStride(int channels) => (channels + 15) / 16 * 16;

    /// <summary>Whether this form is the one for a convolution.</summary>
    public static bool IsSuitable(ConvolutionWindow window, Shape input, Shape output) => window.Groups > 1 && window.Groups == input.Channels && input.Channels == output.Channels;

    /// <summary>Brings the weights, channels x 1 x height x width, into the order that <see cref="Run"/> reads.</summary>
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

    /// <summary>One part of a sample.</summary>
    /// <param name="unit">The part's number.</param>
    /// <param name="source">The source, channels last.</param>
    /// <param name="target">Every value of the part is written, channels last.</param>
    /// <param name="bias">Added to each pixel, a panel of values readable behind them; or null.</param>
    /// <param name="epilogue">What is done with a value before it is written.</param>
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
                    Weights = empty ? _packed.Pointer : _packed.Pointer + ((nint)rowTaps[firstRow] * _kernelWidth + run.FirstTap) * _weightStride,
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

    /// <summary>The part of a target's run of sources that lies in the source: the number of the first, and how many.</summary>
    private static (int First, int Count) Inside(ConvolutionAxis map, int target, int length)
    {
        int taps = map.Taps[map.Phase[target]].Length;
        int first = Math.Max(0, (-map.Start[target] + map.Step - 1) / map.Step);
        int end = length > map.Start[target] ? Math.Min(taps, (length - map.Start[target] + map.Step - 1) / map.Step) : 0;
        return first < end ? (first, end - first) : (0, 0);
    }

    /// <summary>The targets of a phase, those next to each other in one run that see the same taps.</summary>
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

    /// <summary>Target columns that see the same taps; in columns, taps, and pixels.</summary>
    private readonly record struct ColumnRun(int Target, int TargetStep, int Count, int Source, int SourceStep, int Taps, int FirstTap, int TapWeights);
}
