namespace SimNet.Models;

/// <summary>Imports operators that change the dimensions of a feature map but not the order of its values.</summary>
internal static class OnnxReshapeImporter
{
    public static OnnxFeatureMap Flatten(OnnxNode node, OnnxFeatureMap map) => node.Axis(node.Integer("axis", 1), map.Rank) == 1
        ? map with { IsFlat = true }
        : throw node.Unsupported("flattening from an axis other than 1");

    /// <summary>Reshapes to [batch, values], or back to four dimensions.</summary>
    public static OnnxFeatureMap Reshape(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        long[] target = node.Integers(node.Required(1));
        if (node.Integer("allowzero", 0) != 0 || target.Length is not (2 or 4))
        {
            throw Unsupported();
        }

        long[] now = map.Dimensions;
        long[] wanted = [.. target.Select((size, i) => size == 0 && i < now.Length ? now[i] : size)];
        int open = Array.IndexOf(wanted, -1);

        // One size can be inferred: that of the batch, or another from the remaining ones.
        long known = 1;
        for (int i = 1; i < wanted.Length; i++)
        {
            known = i == open ? known : wanted[i] >= 1 && wanted[i] <= map.Shape.Length ? known * wanted[i] : throw Unsupported();
        }

        if (open > 0 && map.Shape.Length % known == 0)
        {
            wanted[open] = map.Shape.Length / known;
            known = map.Shape.Length;
        }

        if (known != map.Shape.Length || !(open == 0 || wanted[0] == OnnxConstant.Batch))
        {
            throw Unsupported();
        }

        return wanted.Length == 2 ? map with { IsFlat = true }
            : new Shape((int)wanted[1], (int)wanted[2], (int)wanted[3]) == map.Shape ? map with { IsFlat = false }
            : throw Unsupported();

        FormatException Unsupported() => node.Unsupported(
            $"reshaping {map.Shape} to [{string.Join(", ", target.Select(size => size == OnnxConstant.Batch ? "batch" : $"{size}"))}]");
    }

    /// <summary>Removes or adds the height and the width of feature maps of one pixel.</summary>
    public static OnnxFeatureMap Squeeze(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        bool removes = node.Operation == "Squeeze";
        long[]? axes = node.Axes();
        return axes is not null
            && map.IsVector
            && map.IsFlat != removes
            && axes.Select(axis => node.Axis(axis, 4)).Order().SequenceEqual([2, 3])
                ? map with { IsFlat = removes }
                : throw node.Unsupported($"{(removes ? "removing" : "adding")} axes other than the height and width of one pixel");
    }
}
