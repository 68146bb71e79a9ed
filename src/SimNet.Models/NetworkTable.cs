using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace SimNet.Models;

/// <summary>A network as papers print it: layer, kind, output shape and parameters, with totals.</summary>
public sealed class NetworkTable
{
    /// <summary>The table of a network.</summary>
    public NetworkTable(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Rows = [.. network.Layers.Select((layer, i) =>
            new NetworkTableRow(layer.Name, layer.Kind, network.OutputShapes[i], network.ParametersByLayer[i].Sum(p => p.Count)))];
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

    /// <summary>The table as text in aligned columns, the totals below; lines end with <c>\n</c>.</summary>
    public override string ToString()
    {
        ImmutableArray<(string Name, string Kind, string Shape, string Count)> lines =
        [
            ("Layer", "Kind", "Output shape", "Parameters"),
            .. Rows.Select(row => (row.Name, row.Kind, row.OutputShape.ToString(), Number(row.ParameterCount))),
        ];
        int name = lines.Max(l => l.Name.Length), kind = lines.Max(l => l.Kind.Length), shape = lines.Max(l => l.Shape.Length), count = lines.Max(l => l.Count.Length);
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.Append(line.Name.PadRight(name)).Append("  ").Append(line.Kind.PadRight(kind)).Append("  ")
                .Append(line.Shape.PadRight(shape)).Append("  ").Append(line.Count.PadLeft(count)).Append('\n');
        }

        return text.Append("Total parameters: ").Append(Number(ParameterCount)).Append('\n')
            .Append("Trainable parameters: ").Append(Number(TrainableParameterCount)).Append('\n')
            .Append("Non-trainable parameters: ").Append(Number(NonTrainableParameterCount)).Append('\n').ToString();
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
