namespace SimNet.Models;

/// <summary>Operators that leave the values as they lie and change only in how many dimensions the graph sees them.</summary>
internal static class OnnxReshaping
{
    public static OnnxMap Flatten(OnnxNode node, OnnxMap map) => node.Axis(node.Integer("axis", 1), map.Rank) == 1 ? map with { IsFlat = true }
        : throw node.Unsupported("a flattening from other than axis 1 on");

    /// <summary>To [batch, values], or back to what it was.</summary>
    public static OnnxMap Reshape(OnnxNode node)
    {
        OnnxMap map = node.Map(0);
        long[] target = node.Integers(node.Required(1));
        if (node.Integer("allowzero", 0) != 0 || target.Length is not (2 or 4))
        {
            throw Refused();
        }

        long[] now = map.IsFlat ? [OnnxConstant.Batch, map.Shape.Length] : [OnnxConstant.Batch, map.Shape.Channels, map.Shape.Height, map.Shape.Width];
        long[] wanted = [.. target.Select((size, i) => size == 0 && i < now.Length ? now[i] : size)];
        int open = Array.IndexOf(wanted, -1);

        // One size may be left open: the batch's, or another that follows from the rest.
        long known = 1;
        for (int i = 1; i < wanted.Length; i++)
        {
            known = i == open ? known : wanted[i] >= 1 && wanted[i] <= map.Shape.Length ? known * wanted[i] : throw Refused();
        }

        if (open > 0 && map.Shape.Length % known == 0)
        {
            wanted[open] = map.Shape.Length / known;
            known = map.Shape.Length;
        }

        if (known != map.Shape.Length || !(open == 0 || wanted[0] == OnnxConstant.Batch))
        {
            throw Refused();
        }

        return wanted.Length == 2 ? map with { IsFlat = true }
            : new Shape((int)wanted[1], (int)wanted[2], (int)wanted[3]) == map.Shape ? map with { IsFlat = false }
            : throw Refused();

        FormatException Refused() => node.Unsupported($"a change of {map.Shape} to [{string.Join(", ", target.Select(size => size == OnnxConstant.Batch ? "batch" : $"{size}"))}]");
    }

    /// <summary>Takes away, or puts back, the height and width of maps of one pixel.</summary>
    public static OnnxMap Squeeze(OnnxNode node)
    {
        OnnxMap map = node.Map(0);
        bool removes = node.Operation == "Squeeze";
        long[]? axes = node.Axes();
        return axes is not null && map.IsVector && map.IsFlat != removes && axes.Select(axis => node.Axis(axis, 4)).Order().SequenceEqual([2, 3]) ? map with { IsFlat = removes }
            : throw node.Unsupported("a change of other dimensions than the height and width of one pixel");
    }
}
