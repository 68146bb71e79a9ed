using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace SimNet.Models;

/// <summary>A network as papers print it: layer, kind, output shape and parameters, with totals.</summary>
public sealed class NetworkTable
{
    /// <summary>The table of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">Its parameters, to count what pruning has left of them; null, the default, for a table without that.</param>
    /// <exception cref="ArgumentException">A parameter is missing, unknown, of another shape or not finite.</exception>
    public NetworkTable(Network network, StateDict? weights = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (weights is not null)
        {
            WeightCheck.Require(network, weights, nameof(weights));
        }

        Rows = [.. network.Layers.Select((layer, i) =>
            new NetworkTableRow(layer.Name, layer.Kind, network.OutputShapes[i], network.ParametersByLayer[i].Sum(p => p.Count))
            {
                RemainingCount = weights is null ? null : network.ParametersByLayer[i].Sum(p => Remaining(p, weights[p.Name])),
            })];
        ParameterCount = network.ParameterCount;
        TrainableParameterCount = network.TrainableParameterCount;
    }

    /// <summary>One row per layer, in order.</summary>
    public ImmutableArray<NetworkTableRow> Rows { get; }

    /// <summary>Number of values in all parameters.</summary>
    public int ParameterCount { get; }

    /// <summary>Number of values that gradients change.</summary>
    public int TrainableParameterCount { get; }

    /// <summary>Number of values that gradients do not change: batch norm's running statistics.</summary>
    public int NonTrainableParameterCount => ParameterCount - TrainableParameterCount;

    /// <summary>Number of values in all parameters after pruning; null in a table without weights.</summary>
    public int? RemainingParameterCount => Rows.Any(row => row.RemainingCount is null) ? null : Rows.Sum(row => row.RemainingCount);

    /// <summary>The table as text in aligned columns, the totals below; lines end with <c>\n</c>.</summary>
    public override string ToString()
    {
        ImmutableArray<(string Name, string Kind, string Shape, string Count, string Remaining)> lines =
        [
            ("Layer", "Kind", "Output shape", "Parameters", "Remaining"),
            .. Rows.Select(row => (row.Name, row.Kind, row.OutputShape.ToString(), Number(row.ParameterCount), Number(row.RemainingCount ?? 0))),
        ];
        int name = lines.Max(l => l.Name.Length), kind = lines.Max(l => l.Kind.Length), shape = lines.Max(l => l.Shape.Length), count = lines.Max(l => l.Count.Length), remaining = lines.Max(l => l.Remaining.Length);
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.Append(line.Name.PadRight(name)).Append("  ").Append(line.Kind.PadRight(kind)).Append("  ")
                .Append(line.Shape.PadRight(shape)).Append("  ").Append(line.Count.PadLeft(count))
                .Append(RemainingParameterCount is null ? "" : "  " + line.Remaining.PadLeft(remaining)).Append('\n');
        }

        if (RemainingParameterCount is int left)
        {
            text.Append("Remaining parameters: ").Append(Number(left)).Append('\n');
        }

        return text.Append("Total parameters: ").Append(Number(ParameterCount)).Append('\n')
            .Append("Trainable parameters: ").Append(Number(TrainableParameterCount)).Append('\n')
            .Append("Non-trainable parameters: ").Append(Number(NonTrainableParameterCount)).Append('\n').ToString();
    }

    private static int Remaining(ParameterInfo parameter, WeightTensor tensor)
    {
        // Scales and shifts that are 0 were not pruned, only never moved.
        return parameter.Dimensions.Length == 4 ? parameter.Count - tensor.Values.Span.Count(0) : parameter.Count;
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
