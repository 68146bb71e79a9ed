namespace SimNet.Models;

/// <summary>One line of a <see cref="NetworkTable"/>.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">The layer's kind, such as <c>Conv2d</c>.</param>
/// <param name="OutputShape">Shape of one sample of its output.</param>
/// <param name="ParameterCount">Number of values in its parameters, batch norm's running statistics among them.</param>
public sealed record NetworkTableRow(string Name, string Kind, Shape OutputShape, int ParameterCount)
{
    /// <summary>How many of them are left after pruning: convolutions' weights that are not 0, and all other parameters. Null in a table without weights.</summary>
    public int? RemainingCount { get; init; }
}
