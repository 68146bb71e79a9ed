namespace SimNet.Models;

/// <summary>
/// Imports operators that change the dimensions of a feature map but not its values, and those that select values. Where another operator
/// needs the values in another order, it appends the layer that moves them.
/// </summary>
/// <param name="layers">Receives the layers.</param>
/// <param name="isOnlyOutput">Returns whether a value is an output of the graph that no node consumes.</param>
internal sealed class OnnxLayoutImporter(OnnxNetworkBuilder layers, Func<string, bool> isOnlyOutput)
{
    private readonly Dictionary<string, OnnxFeatureMap> _moved = new(StringComparer.Ordinal);

    /// <summary>Gets an input with the dimensions [batch, channels, height, width].</summary>
    public OnnxFeatureMap Spatial(OnnxNode node, int input)
    {
        OnnxFeatureMap map = node.Map(input);
        map = map.Rank == 4 && !map.IsSpatial ? WithChannels(node, map) : map;
        return map.IsSpatial ? map : throw node.Unsupported($"an input with the dimensions {Text(map.Dimensions)}, of {map.Shape},");
    }

    /// <summary>
    /// Returns a feature map with an axis for its channels: appends a layer that flattens, or one that shuffles the channels, if needed.
    /// </summary>
    public OnnxFeatureMap WithChannels(OnnxNode node, OnnxFeatureMap map)
    {
        if (map.IsFlattened)
        {
            return Flattened(node, map);
        }

        map = Shuffled(map, node.LayerName());
        return map.ChannelAxis > 0 ? map
            : throw node.Unsupported($"an input with the dimensions {Text(map.Dimensions)}, of {map.Shape}, none of them the channels,");
    }

    /// <summary>Appends the layer that shuffles the channels, if those of the graph are.</summary>
    public OnnxFeatureMap Shuffled(OnnxFeatureMap map, string name)
    {
        OnnxAxis[] axes = map.Axes;
        int axis = Enumerable.Range(0, axes.Length).FirstOrDefault(axis => map.Layout.ShuffledGroups(axis, map.Shape) > 0, -1);
        if (axis < 0)
        {
            return map;
        }

        axes[axis] = OnnxAxis.Channels;
        return Move(map, new ChannelShuffle($"{name}/shuffle") { Groups = map.Layout.ShuffledGroups(axis, map.Shape) }, axes);
    }

    /// <summary>
    /// Returns a feature map whose values a layer stores in the order of the graph; null if no layer brings them in that order.
    /// </summary>
    public OnnxFeatureMap? InOrder(OnnxFeatureMap map)
    {
        map = Shuffled(map, map.Source);
        return map.Layout.IsContiguous ? map : null;
    }

    public OnnxFeatureMap Flatten(OnnxNode node)
    {
        OnnxFeatureMap map = Shuffled(node.Map(0), node.LayerName());
        return node.Axis(node.Integer("axis", 1), map.Rank) == 1
            ? map with { Layout = map.Layout.Reshape([map.Shape.Length])! }
            : throw node.Unsupported("flattening from an axis other than 1");
    }

    /// <summary>Reshapes the values of each sample. The first dimension must stay the batch.</summary>
    public OnnxFeatureMap Reshape(OnnxNode node)
    {
        OnnxFeatureMap map = Shuffled(node.Map(0), node.LayerName());
        long[] target = node.Integers(node.Required(1)), now = map.Dimensions;
        bool zeroCopies = node.Integer("allowzero", 0) == 0;
        long[] wanted = [.. target.Select((size, i) => size == 0 && zeroCopies && i < now.Length ? now[i] : size)];
        if (wanted is [long only] && (only == -1 || only == map.Shape.Length) && DropsBatch(node))
        {
            return map with { Layout = map.Layout.Reshape([map.Shape.Length])! };
        }

        // One size can be inferred: that of the batch, or another from the remaining ones.
        int open = Array.IndexOf(wanted, -1), length = map.Shape.Length;
        long known = 1;
        for (int i = 1; i < wanted.Length; i++)
        {
            known = i == open ? known : wanted[i] >= 1 && wanted[i] <= length ? known * wanted[i] : throw Unsupported();
            known = known <= length ? known : throw Unsupported();
        }

        if (open > 0 && length % known == 0)
        {
            wanted[open] = length / known;
            known = length;
        }

        // A batch that is not fixed can be reshaped to [1, values] too: by a graph that is valid only for a batch of 1.
        bool keepsBatch = open == 0
            || (wanted.Length > 0
                && (wanted[0] == OnnxConstant.Batch
                    || (layers.FixedBatch > 0 && wanted[0] == layers.FixedBatch)
                    || (wanted[0] == 1 && layers.FixedBatch == 0 && open < 0)));
        if (!keepsBatch
            || wanted.Length is < 2 or > OnnxTensor.MaxRank
            || known != length
            || map.Layout.Reshape([.. wanted.Skip(1).Select(size => (int)size)]) is not { } layout)
        {
            throw Unsupported();
        }

        // Flattened to feature maps of one pixel, instead of to a vector, the values are channels.
        map = map with { Layout = layout };
        return wanted.Length == 4 && wanted[1] == length && map.IsOneAxis ? Flattened(node, map) : map;

        FormatException Unsupported() => node.Unsupported($"reshaping {Text(now)} to {Text(target)}");
    }

    public static OnnxFeatureMap Transpose(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        long[] permutation = node.Integers("perm") ?? [.. Enumerable.Range(0, map.Rank).Reverse().Select(axis => (long)axis)];
        int[] order = [.. permutation.Select(axis => node.Axis(axis, map.Rank))];
        return !order.Order().SequenceEqual(Enumerable.Range(0, map.Rank)) ? throw node.Problem("'perm' is not a permutation of the axes")
            : order[0] != 0 ? throw node.Unsupported("moving the batch to another axis")
            : map with { Layout = map.Layout.Transpose(order.Skip(1).Select(axis => axis - 1)) };
    }

    /// <summary>Removes axes of size 1.</summary>
    public OnnxFeatureMap Squeeze(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        long[] dimensions = map.Dimensions;
        int[] removed = node.Axes() is { } axes
            ? [.. axes.Select(axis => node.Axis(axis, map.Rank))]
            : [.. Enumerable.Range(layers.FixedBatch == 1 ? 0 : 1, map.Rank - (layers.FixedBatch == 1 ? 0 : 1))
                .Where(axis => axis == 0 || dimensions[axis] == 1)];
        if (removed.Contains(0) && !DropsBatch(node))
        {
            throw node.Unsupported("removing the batch");
        }

        int[] kept = [.. removed.Where(axis => axis > 0)];
        return kept.FirstOrDefault(axis => dimensions[axis] != 1) is > 0 and int axis
            ? throw node.Problem($"axis {axis} of {Text(dimensions)} is not 1")
            : map with { Layout = map.Layout.Without([.. kept.Select(place => place - 1)]) };
    }

    /// <summary>Inserts axes of size 1.</summary>
    public static OnnxFeatureMap Unsqueeze(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        long[] axes = node.Axes() ?? throw node.Problem("there are no axes");
        HashSet<int> places = [.. axes.Select(axis => node.Axis(axis, map.Rank + axes.Length))];
        return places.Contains(0) || places.Count != axes.Length || map.Rank + axes.Length > OnnxTensor.MaxRank
            ? throw node.Unsupported("adding an axis before the batch, or one twice,")
            : map with { Layout = map.Layout.Insert([.. places.Select(place => place - 1)]) };
    }

    /// <summary>Selects one or several consecutive elements of an axis, such as <c>x[:, :, 0]</c>.</summary>
    public OnnxFeatureMap Gather(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        OnnxConstant selected = node.Required(1);
        int axis = node.Axis(node.Integer("axis", 0), map.Rank);
        if (axis == 0 || selected.Dimensions.Length > 1 || selected.Count == 0)
        {
            throw node.Unsupported(axis == 0 ? "selecting samples of the batch" : "selecting elements in several dimensions");
        }

        int size = (int)map.Dimensions[axis];
        int[] indexes = [.. node.Integers(selected).Select(index => node.Axis(index, size))];
        if (!indexes.SequenceEqual(Enumerable.Range(indexes[0], indexes.Length)))
        {
            return Picked(node, map, axis, indexes);
        }

        OnnxFeatureMap part = Part(node, map, axis, indexes[0], indexes.Length, 1, node.LayerName());
        return selected.Dimensions.IsEmpty ? part with { Layout = part.Layout.Without([axis - 1]) } : part;
    }

    /// <summary>Selects ranges of axes.</summary>
    public OnnxFeatureMap Slice(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        bool old = node.OperatorSet < 10;
        long[] starts = (old ? node.Integers("starts") : node.Integers(node.Required(1))) ?? throw node.Problem("there are no starts");
        long[] ends = (old ? node.Integers("ends") : node.Integers(node.Required(2))) ?? throw node.Problem("there are no ends");
        long[] axes = (old ? node.Integers("axes") : node.Optional(3) is { } given ? node.Integers(given) : null)
            ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        long[] steps = node.Optional(4) is { } stepsGiven ? node.Integers(stepsGiven) : [.. starts.Select(_ => 1L)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
        {
            throw node.Problem("starts, ends, axes, and steps differ in length");
        }

        for (int i = 0; i < starts.Length; i++)
        {
            int axis = node.Axis(axes[i], map.Rank);
            if (axis == 0)
            {
                map = starts[i] == 0 && steps[i] == 1 && (ends[i] >= int.MaxValue || ends[i] == OnnxConstant.Batch
                    || (layers.FixedBatch > 0 && ends[i] >= layers.FixedBatch))
                        ? map
                        : throw node.Unsupported("selecting samples of the batch");
                continue;
            }

            int size = (int)map.Dimensions[axis];
            if (steps[i] == -1 && (starts[i] >= size - 1 || starts[i] == -1) && ends[i] < -size && ends[i] != OnnxConstant.Batch)
            {
                map = Picked(node, map, axis, [.. Enumerable.Range(0, size).Reverse()]);
                continue;
            }

            if (starts[i] == OnnxConstant.Batch || ends[i] == OnnxConstant.Batch || steps[i] is < 1 or > int.MaxValue)
            {
                throw node.Unsupported(
                    steps[i] < 1 ? $"selecting elements with the step {steps[i]}" : "selecting as many elements as samples");
            }

            int first = Bound(starts[i], size), last = Bound(ends[i], size), step = (int)steps[i];
            if (last <= first)
            {
                throw node.Unsupported("selecting no elements");
            }

            map = Part(node, map, axis, first, (int)(((long)last - first + step - 1) / step), step, node.LayerName());
        }

        return map;

        static int Bound(long at, int size) => (int)Math.Clamp(at < 0 ? at + size : at, 0, size);
    }

    /// <summary>Splits an axis into consecutive parts.</summary>
    public OnnxFeatureMap[] Split(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        int axis = node.Axis(node.Integer("axis", 0), map.Rank), outputs = node.Proto.Output.Count;
        long[]? sizes = node.Integers("split") ?? (node.Optional(1) is { } given ? node.Integers(given) : null);
        long parts = node.Integer("num_outputs", outputs);
        if (axis == 0 || parts != outputs)
        {
            throw axis == 0 ? node.Unsupported("selecting samples of the batch") : node.Problem($"{outputs} outputs for {parts} parts");
        }

        // Equal parts, the last one smaller if need be.
        long size = map.Dimensions[axis], part = (size + parts - 1) / parts;
        sizes ??= [.. Enumerable.Range(0, outputs).Select(i => Math.Min(part, size - (i * part)))];
        if (sizes.Length != outputs || sizes.Any(length => length < 1 || length > size) || sizes.Sum() != size)
        {
            throw node.Problem($"{size} elements cannot be split into {Text(sizes)}");
        }

        int first = 0;
        var results = new OnnxFeatureMap[outputs];
        for (int i = 0; i < outputs; first += (int)sizes[i], i++)
        {
            string name = node.Proto.Output[i].Length > 0 ? node.Proto.Output[i] : node.LayerName();
            results[i] = Part(node, map, axis, first, (int)sizes[i], 1, name);
        }

        return results;
    }

    /// <summary>Repeats a feature map of one pixel, or a step of a normalization, to larger dimensions.</summary>
    public OnnxValue Expand(OnnxNode node)
    {
        long[] wanted = node.Integers(node.Required(1));
        if (node.Inputs[0] is OnnxIntermediate part)
        {
            return Fits(part.Of.Dimensions) ? part
                : throw node.Unsupported($"{part.Description} expanded to {Text(wanted)}");
        }

        OnnxFeatureMap map = node.Map(0);
        return Fits(map.Dimensions) ? map
            : wanted.Length == map.Rank && IsBatch(wanted[0])
                ? new OnnxIntermediate(OnnxIntermediateKind.Broadcast, map)
                {
                    Dimensions = [OnnxConstant.Batch, .. wanted.Skip(1).Zip(map.Dimensions.Skip(1), Math.Max)],
                }
                : throw node.Unsupported($"expanding {Text(map.Dimensions)} to {Text(wanted)}");

        // Sizes of 1 are kept.
        bool Fits(long[] of) => wanted.Length <= of.Length
            && wanted.Reverse().Zip(of.Reverse()).All(pair => pair.First == 1 || pair.First == pair.Second
                || (pair.Second == OnnxConstant.Batch && IsBatch(pair.First)));

        bool IsBatch(long size) => size == OnnxConstant.Batch || size == 1 || (layers.FixedBatch > 0 && size == layers.FixedBatch);
    }

    /// <summary>Selects channels in any order, such as those of a color image in reverse, by a 1x1 convolution of ones and zeros.</summary>
    private OnnxFeatureMap Picked(OnnxNode node, OnnxFeatureMap map, int axis, int[] indexes)
    {
        const int MostChannels = 64;
        map = Shuffled(map, node.LayerName());
        OnnxAxis[] axes = map.Axes;
        int channels = map.Shape.Channels;
        bool channelsOnly = axes[axis - 1] == OnnxAxis.Channels && !axes.Contains(OnnxAxis.Other);
        if (!channelsOnly || channels > MostChannels || indexes.Length > MostChannels)
        {
            throw node.Unsupported($"selecting elements in another order, other than of at most {MostChannels} channels,");
        }

        float[] weights = layers.Allocate((long)indexes.Length * channels);
        for (int i = 0; i < indexes.Length; i++)
        {
            weights[(i * channels) + indexes[i]] = 1;
        }

        OnnxFeatureMap picked = layers.Append(
            new Conv2d(node.LayerName(), indexes.Length, 1) { HasBias = false },
            [map],
            new WeightTensor([indexes.Length, channels, 1, 1], weights));
        return picked with { Layout = OnnxLayout.Of(axes, picked.Shape) };
    }

    /// <summary>Selects a range of an axis: appends a layer unless it is the whole axis.</summary>
    private OnnxFeatureMap Part(OnnxNode node, OnnxFeatureMap map, int axis, int first, int count, int step, string name)
    {
        if (first == 0 && count == map.Dimensions[axis])
        {
            return map;
        }

        map = map.IsOneAxis && !map.IsSpatial ? Flattened(node, map)
            : Shuffled(map, node.LayerName());
        OnnxAxis[] axes = map.Axes;
        int size = (int)map.Dimensions[axis], last = first + ((count - 1) * step) + 1;
        var slice = new Slice(name);
        slice = axes[axis - 1] switch
        {
            _ when axes.Contains(OnnxAxis.Other) => throw Unsupported(),
            OnnxAxis.Channels when step == 1 => slice with { FirstChannel = first, Channels = count },
            OnnxAxis.Rows => slice with { Crop = new Padding2d(first, 0, size - last, 0), Step = new Size2d(step, 1) },
            OnnxAxis.Columns => slice with { Crop = new Padding2d(0, first, 0, size - last), Step = new Size2d(1, step) },
            _ => throw Unsupported(),
        };
        OnnxFeatureMap part = layers.Append(slice, [map]);
        return part with { Layout = OnnxLayout.Of(axes, part.Shape) };

        FormatException Unsupported() =>
            node.Unsupported($"selecting elements of axis {axis} of {Text(map.Dimensions)}, of {map.Shape},");
    }

    /// <summary>Appends a layer that makes channels of all values.</summary>
    private OnnxFeatureMap Flattened(OnnxNode node, OnnxFeatureMap map) => Move(
        map,
        new Flatten($"{node.LayerName()}/flatten"),
        [.. map.Axes.Select(axis => axis == OnnxAxis.One ? OnnxAxis.One : OnnxAxis.Channels)]);

    /// <summary>Appends a layer that moves values, once for all consumers.</summary>
    private OnnxFeatureMap Move(OnnxFeatureMap map, Layer layer, OnnxAxis[] axes)
    {
        string key = $"{map.Source}\n{layer.Kind}\n{(layer as ChannelShuffle)?.Groups}";
        if (!_moved.TryGetValue(key, out OnnxFeatureMap? moved))
        {
            moved = layers.Append(layer, [map]);
            _moved.Add(key, moved);
        }

        return moved with { Layout = OnnxLayout.Of(axes, moved.Shape) };
    }

    /// <summary>
    /// Whether a node may remove a batch that is fixed to 1. Its output must not be consumed, because the axes of the result count
    /// differently.
    /// </summary>
    private bool DropsBatch(OnnxNode node) => layers.FixedBatch == 1 && isOnlyOutput(node.Proto.Output[0]);

    private static string Text(long[] sizes) =>
        $"[{string.Join(", ", sizes.Select(size => size == OnnxConstant.Batch ? "batch" : $"{size}"))}]";
}
