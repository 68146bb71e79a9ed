using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace SimNet.Models;

/// <summary>A table of a network as papers print it: layer, kind, output shape, and parameter count, with totals.</summary>
public sealed class NetworkTable
{
    /// <inheritdoc cref="Network.ToTable"/>
    internal NetworkTable(Network network, StateDict? weights)
    {
        if (weights is not null)
        {
            WeightValidation.Validate(network, weights, nameof(weights));
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

    /// <summary>The number of values in all parameters.</summary>
    public int ParameterCount { get; }

    /// <summary>The number of values that training changes by gradient.</summary>
    public int TrainableParameterCount { get; }

    /// <summary>The number of values that training does not change by gradient: the running statistics of batch norm.</summary>
    public int NonTrainableParameterCount => ParameterCount - TrainableParameterCount;

    /// <summary>The number of values that remain after pruning; null if the table was created without weights.</summary>
    public int? RemainingParameterCount => Rows.Any(row => row.RemainingCount is null) ? null : Rows.Sum(row => row.RemainingCount);

    /// <summary>Formats the table in aligned columns, with the totals below. Lines end with <c>\n</c>.</summary>
    public override string ToString()
    {
        ImmutableArray<(string Name, string Kind, string Shape, string Count, string Remaining)> lines =
        [
            ("Layer", "Kind", "Output shape", "Parameters", "Remaining"),
            .. Rows.Select(row =>
                (row.Name, row.Kind, row.OutputShape.ToString(), Number(row.ParameterCount), Number(row.RemainingCount ?? 0))),
        ];
        int name = lines.Max(l => l.Name.Length), kind = lines.Max(l => l.Kind.Length), shape = lines.Max(l => l.Shape.Length);
        int count = lines.Max(l => l.Count.Length), remaining = lines.Max(l => l.Remaining.Length);
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
        // Only convolution weights are pruned; a bias, scale, or shift can be 0 because training has not changed it.
        return parameter.Dimensions.Length == 4 ? parameter.Count - tensor.Values.Span.Count(0) : parameter.Count;
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
