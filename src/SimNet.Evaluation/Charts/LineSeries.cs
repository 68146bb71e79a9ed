namespace SimNet.Evaluation;

/// <summary>A named line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Points">The points in drawing order. A point with a value that is not finite leaves a gap.</param>
public sealed record LineSeries(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>
    /// Creates a line with points at x = <paramref name="first"/>, <paramref name="first"/> + 1, and so on, such as a learning curve by
    /// epoch.
    /// </summary>
    /// <param name="name">The name in the legend.</param>
    /// <param name="values">The y values in order.</param>
    /// <param name="first">The x of the first value; 1 by default.</param>
    public static LineSeries FromValues(string name, IEnumerable<double> values, int first = 1) =>
        new(name, [.. values.Select((y, i) => ((double)(first + i), y))]);
}
