using System.Globalization;

namespace SimNet.Evaluation;

/// <summary>The range of an axis, and its ticks at 1, 2 or 5 times a power of ten.</summary>
internal sealed class AxisTicks
{
    private readonly AxisScale _scale;
    private readonly double _first;
    private readonly double _last;

    private AxisTicks(AxisScale scale, double minimum, double maximum, double[] values, string[] labels)
    {
        _scale = scale;
        _first = OnScale(scale, minimum);
        _last = OnScale(scale, maximum);
        Values = values;
        Labels = labels;
    }

    public double[] Values { get; }

    public string[] Labels { get; }

    /// <summary>Whether an axis with this scale can show a value.</summary>
    public static bool HasPlace(AxisScale scale, double value) => double.IsFinite(value) && (scale == AxisScale.Linear || value > 0);

    /// <summary>Creates an axis that covers all values, each of which it can show.</summary>
    /// <param name="scale">The scale.</param>
    /// <param name="values">The values; may be empty.</param>
    /// <param name="mostIntervals">The maximum number of intervals between ticks.</param>
    /// <param name="widen">Whether the axis begins and ends at ticks instead of at the first and last value.</param>
    public static AxisTicks Cover(AxisScale scale, IEnumerable<double> values, int mostIntervals, bool widen) => scale == AxisScale.Linear
        ? Cover(values, mostIntervals, widen)
        : CoverLogarithmically([.. values.DefaultIfEmpty(1)], mostIntervals, widen);

    /// <summary>The position of a value: 0 at the start of the axis, 1 at its end.</summary>
    public double Place(double value) => (OnScale(_scale, value) - _first) / (_last - _first);

    private static double OnScale(AxisScale scale, double value) => scale == AxisScale.Linear ? value : Math.Log10(value);

    /// <summary>
    /// Creates ticks at 1, 2 and 5 times the powers of ten if there is space for them, otherwise at every power, every second power, and so
    /// on.
    /// </summary>
    private static AxisTicks CoverLogarithmically(double[] values, int mostIntervals, bool widen)
    {
        double minimum = values.Min(), maximum = values.Max();
        if (maximum / minimum < 2)
        {
            (minimum, maximum) = (Math.Max(minimum / 2, double.Epsilon), Math.Min(maximum * 2, double.MaxValue));
        }

        // Ticks are these factors times the powers of ten, so that they have the same values however the axis is divided.
        (double[] Factors, int Powers)[] steps = [([1, 2, 5], 1), .. Enumerable.Range(1, 700).Select(powers => ((double[])[1], powers))];
        foreach ((double[] factors, int powers) in steps)
        {
            int first = (int)Math.Floor(Math.Log10(minimum) / powers), last = (int)Math.Ceiling(Math.Log10(maximum) / powers);
            double[] ticks = [.. Enumerable.Range(first, last - first + 1)
                .SelectMany(power => factors.Select(factor => factor * Math.Pow(10, power * powers)))
                .Where(tick => tick > 0 && double.IsFinite(tick))];
            double low = widen ? ticks.LastOrDefault(tick => tick <= minimum, minimum) : minimum;
            double high = widen ? ticks.FirstOrDefault(tick => tick >= maximum, maximum) : maximum;
            double[] shown = [.. ticks.Where(tick => tick >= low && tick <= high)];
            if (shown.Length <= mostIntervals + 1)
            {
                return new AxisTicks(AxisScale.Logarithmic, low, high, shown, [.. shown.Select(LogarithmicLabel)]);
            }
        }

        throw new InvalidOperationException("No range of doubles exceeds 700 powers of ten.");
    }

    private static string LogarithmicLabel(double tick) =>
        tick.ToString(tick is >= 1e7 or < 1e-6 ? "0.###e+0" : tick < 1 ? "0.######" : "#,0", CultureInfo.InvariantCulture);

    /// <summary>Creates a linear axis that covers all values with at most a given number of intervals.</summary>
    /// <param name="values">The finite values; may be empty.</param>
    /// <param name="mostIntervals">The maximum number of intervals between ticks.</param>
    /// <param name="widen">Whether the axis begins and ends at ticks instead of at the first and last value.</param>
    private static AxisTicks Cover(IEnumerable<double> values, int mostIntervals, bool widen)
    {
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        bool whole = true;
        foreach (double value in values)
        {
            whole &= Math.Floor(value) == value;
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }

        if (minimum > maximum)
        {
            whole = false;
            (minimum, maximum) = (0, 1);
        }

        // A range that is empty, or smaller than the rounding of its ends, cannot be divided.
        double smallest = Math.Max(1e-300, Math.Max(Math.Abs(minimum), Math.Abs(maximum)) * 1e-9);
        if (maximum - minimum <= smallest)
        {
            double around = Math.Max(Math.Abs(minimum) * 0.5, 0.5);
            (minimum, maximum) = (minimum - around, maximum + around);
        }

        // Epochs and counts have no values between integers.
        double step = RoundStep((maximum / mostIntervals) - (minimum / mostIntervals));
        step = whole ? Math.Max(step, 1) : step;
        double first = widen ? Math.Floor(minimum / step) : Math.Ceiling(minimum / step);
        double last = widen ? Math.Ceiling(maximum / step) : Math.Floor(maximum / step);
        double[] ticks = [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
        string[] labels = [.. ticks.Select(tick => Label(tick, step))];
        return widen
            ? new AxisTicks(AxisScale.Linear, ticks[0], ticks[^1], ticks, labels)
            : new AxisTicks(AxisScale.Linear, minimum, maximum, ticks, labels);
    }

    private static double RoundStep(double atLeast)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        double ratio = atLeast / power;
        return power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
    }

    private static string Label(double tick, double step)
    {
        double magnitude = Math.Max(Math.Abs(tick), step);
        if (magnitude >= 1e7 || step < 1e-6)
        {
            return tick.ToString("0.###e+0", CultureInfo.InvariantCulture);
        }

        int decimals = Math.Max(0, (int)-Math.Floor(Math.Log10(step * 1.0001)));
        string text = tick.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return double.Parse(text, CultureInfo.InvariantCulture) == 0 ? "0" : text;
    }
}
