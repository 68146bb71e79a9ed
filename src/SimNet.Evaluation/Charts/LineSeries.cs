namespace SimNet.Evaluation;

/// <summary>One named line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">Its points in drawing order. A point that is not finite leaves a gap.</param>
public sealed record LineSeries(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>A line whose points stand at x = <paramref name="first"/>, <paramref name="first"/> + 1, ...: a learning curve by
    /// epoch.</summary>
    /// <param name="name">What the legend calls it.</param>
    /// <param name="values">The y values in order.</param>
    /// <param name="first">The x of the first value; 1 by default.</param>
    public static LineSeries FromValues(string name, IEnumerable<double> values, int first = 1) =>
        new(name, [.. values.Select((y, i) => ((double)(first + i), y))]);
}
