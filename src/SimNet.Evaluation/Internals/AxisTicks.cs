using System.Globalization;

namespace SimNet.Evaluation;

/// <summary>An axis: the values it spans, and ticks at 1, 2 or 5 times a power of ten.</summary>
internal sealed class AxisTicks
{
    private AxisTicks(double minimum, double maximum, double[] values, string[] labels)
    {
        Minimum = minimum;
        Maximum = maximum;
        Values = values;
        Labels = labels;
    }

    public double Minimum { get; }

    public double Maximum { get; }

    public double[] Values { get; }

    public string[] Labels { get; }

    /// <summary>An axis that covers all values with at most so many intervals.</summary>
    /// <param name="values">Finite values; there may be none.</param>
    /// <param name="mostIntervals">Most intervals between ticks.</param>
    /// <param name="widen">Whether the axis begins and ends at ticks, rather than at the first and last value.</param>
    public static AxisTicks Cover(IEnumerable<double> values, int mostIntervals, bool widen)
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

        // A span that is nothing, or lost in the rounding of its ends, cannot be divided.
        double smallest = Math.Max(1e-300, Math.Max(Math.Abs(minimum), Math.Abs(maximum)) * 1e-9);
        if (maximum - minimum <= smallest)
        {
            double around = Math.Max(Math.Abs(minimum) * 0.5, 0.5);
            (minimum, maximum) = (minimum - around, maximum + around);
        }

        // Epochs and counts have nothing between whole numbers.
        double step = RoundStep((maximum / mostIntervals) - (minimum / mostIntervals));
        step = whole ? Math.Max(step, 1) : step;
        double first = widen ? Math.Floor(minimum / step) : Math.Ceiling(minimum / step);
        double last = widen ? Math.Ceiling(maximum / step) : Math.Floor(maximum / step);
        double[] ticks = [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
        string[] labels = [.. ticks.Select(tick => Label(tick, step))];
        return widen ? new AxisTicks(ticks[0], ticks[^1], ticks, labels) : new AxisTicks(minimum, maximum, ticks, labels);
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
