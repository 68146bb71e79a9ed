namespace SimNet.Models;

/// <summary>One row of a <see cref="NetworkTable"/>.</summary>
/// <param name="Name">The name of the layer.</param>
/// <param name="Kind">The kind of the layer, such as <c>Conv2d</c>.</param>
/// <param name="OutputShape">The shape of one sample of its output.</param>
/// <param name="ParameterCount">The number of values in its parameters, including the running statistics of batch norm.</param>
public sealed record NetworkTableRow(string Name, string Kind, Shape OutputShape, int ParameterCount)
{
    /// <summary>
    /// The number of values that remain after pruning: the nonzero weights of convolutions, and all other parameters. Null if the
    /// table was created without weights.
    /// </summary>
    public int? RemainingCount { get; init; }
}
