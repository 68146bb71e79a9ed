using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Imports arithmetic on feature maps and constants.</summary>
/// <param name="layers">Receives the layers.</param>
/// <param name="layouts">Brings the values of feature maps in order.</param>
/// <param name="canModify">
/// Returns whether a value is the output of its layer and has one consumer, which means that the layer can be modified.
/// </param>
internal sealed class OnnxArithmeticImporter(
    OnnxNetworkBuilder layers, OnnxLayoutImporter layouts, Func<string, OnnxFeatureMap, bool> canModify)
{
    private readonly OnnxDecompositions _decompositions = new(layers, layouts);

    public OnnxValue Sum(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxIntermediate part, OnnxConstant]:
                return OnnxDecompositions.Sum(node, part, node.NumberAt(1));
            case [OnnxConstant, OnnxIntermediate part]:
                return OnnxDecompositions.Sum(node, part, node.NumberAt(0));
            case [OnnxFeatureMap, OnnxConstant constant]:
                return Affine(node, 0, null, map => PerChannel(node, constant, map));
            case [OnnxConstant constant, OnnxFeatureMap]:
                return Affine(node, 1, null, map => PerChannel(node, constant, map));
            default:
                OnnxFeatureMap[] maps = Aligned(node, [.. Enumerable.Range(0, node.Inputs.Count).Select(node.Map)]);
                return maps.Length == 1 ? maps[0] : layers.Append(new Add(node.LayerName()), maps) with { Layout = maps[0].Layout };
        }
    }

    public OnnxValue Difference(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxFeatureMap of, OnnxIntermediate part]:
                return _decompositions.Difference(node, of, part);
            case [OnnxFeatureMap, OnnxConstant constant]:
                return Affine(node, 0, null, map => PerChannel(node, constant, map, number => -number));
            case [OnnxConstant constant, OnnxFeatureMap]:
                return Affine(node, 1, map => Filled(map, -1), map => PerChannel(node, constant, map));
            default:
                OnnxFeatureMap[] maps = Aligned(node, [node.Map(0), node.Map(1)]);
                OnnxFeatureMap negated = Depthwise($"{node.LayerName()}/negated", maps[1], Filled(maps[1], -1), shift: null);
                return layers.Append(new Add(node.LayerName()), [maps[0], negated]) with { Layout = maps[0].Layout };
        }
    }

    public OnnxValue Product(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxIntermediate { Kind: not OnnxIntermediateKind.Broadcast }, _]
                or [_, OnnxIntermediate { Kind: not OnnxIntermediateKind.Broadcast }]:
                return _decompositions.Product(node);
            case [OnnxFeatureMap, OnnxConstant constant]:
                return Affine(node, 0, map => PerChannel(node, constant, map), null);
            case [OnnxConstant constant, OnnxFeatureMap]:
                return Affine(node, 1, map => PerChannel(node, constant, map), null);
            case [OnnxFeatureMap, OnnxFeatureMap] or [OnnxFeatureMap, OnnxIntermediate] or [OnnxIntermediate, OnnxFeatureMap]:
                break;
            default:
                throw node.Unsupported("a product of other than two inputs");
        }

        OnnxFeatureMap[] maps = Aligned(node, [Factor(0), Factor(1)]);
        if ((maps[0].IsVector && !maps[1].IsVector) || IsGate(maps[0], maps[1]))
        {
            (maps[0], maps[1]) = (maps[1], maps[0]);
        }

        // x times sigmoid(x) is SiLU, and x times hard sigmoid(x) is hard swish: one pass over the values instead of two.
        string name = node.LayerName();
        OnnxFeatureMap result = !IsGate(maps[1], maps[0]) ? layers.Append(new Multiply(name), maps)
            : layers.Append(layers.ProducerOf(maps[1]) is Sigmoid ? new Silu(name) : new HardSwish(name), [maps[0]]);
        return result with { Layout = maps[0].Layout };

        // A factor that is broadcast explicitly is one that Multiply broadcasts.
        OnnxFeatureMap Factor(int input) => node.Inputs[input] is OnnxIntermediate broadcast
            ? node.Inputs[1 - input] is OnnxFeatureMap other && other.Dimensions.SequenceEqual(broadcast.Dimensions)
                ? broadcast.Of
                : throw node.Unsupported($"{broadcast.Description} as input {input}")
            : node.Map(input);

        bool IsGate(OnnxFeatureMap gate, OnnxFeatureMap of) =>
            layers.ProducerOf(gate) is Sigmoid or HardSigmoid { Alpha: 1f / 6, Beta: 0.5f }
            && layers.ProducerOf(gate)!.Inputs[0] == of.Source;
    }

    public OnnxValue Quotient(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxIntermediate, _] or [_, OnnxIntermediate]:
                return _decompositions.Quotient(node);
            case [OnnxFeatureMap, OnnxConstant divisor]:
                return Affine(node, 0, map => PerChannel(node, divisor, map, number => 1 / number), null);
            case [OnnxConstant dividend, OnnxFeatureMap divisor]:
                var power = new Power($"{node.LayerName()}/inverse") { Exponent = -1 };
                OnnxFeatureMap inverse = layers.Append(power, [divisor]) with { Layout = divisor.Layout };
                return node.NumberAt(0) == 1 ? inverse
                    : Depthwise(node.LayerName(), inverse, PerChannel(node, dividend, inverse), shift: null);
            default:
                throw node.Unsupported("dividing by a feature map");
        }
    }

    public OnnxValue Power(OnnxNode node)
    {
        float exponent = node.NumberAt(1) ?? throw node.Unsupported("an exponent that is not one number");
        if (node.Inputs[0] is OnnxIntermediate part)
        {
            return OnnxDecompositions.Power(node, part, exponent);
        }

        OnnxFeatureMap map = node.Map(0);
        return exponent == 1 ? map
            : layers.Append(new Power(node.LayerName()) { Exponent = exponent }, [map]) with { Layout = map.Layout };
    }

    /// <summary>Imports an operator that raises to a fixed power.</summary>
    public OnnxValue Power(OnnxNode node, float exponent)
    {
        if (node.Inputs[0] is OnnxIntermediate part)
        {
            return OnnxDecompositions.Power(node, part, exponent);
        }

        OnnxFeatureMap map = node.Map(0);
        return layers.Append(new Power(node.LayerName()) { Exponent = exponent }, [map]) with { Layout = map.Layout };
    }

    /// <summary>Imports a reduction over axes.</summary>
    public OnnxValue Reduction(OnnxNode node)
    {
        bool keeps = node.Integer("keepdims", 1) != 0;
        long noAxes = node.Integer("noop_with_empty_axes", 0);
        long[]? given = node.Axes();
        OnnxFeatureMap map = node.Inputs[0] is OnnxIntermediate { Kind: OnnxIntermediateKind.CenteredSquare } square
            ? square.Of
            : layouts.Shuffled(node.Map(0), node.LayerName());
        if (given is null or [] && noAxes != 0)
        {
            return map;
        }

        HashSet<int> axes = [.. (given is null or [] ? throw node.Unsupported("a reduction over all axes") : given)
            .Select(axis => node.Axis(axis, map.Rank))];
        if (axes.Contains(0))
        {
            throw node.Unsupported("a reduction over the batch");
        }

        OnnxAxis[] kinds = map.Axes, reduced = [.. axes.Select(axis => kinds[axis - 1]).Where(axis => axis != OnnxAxis.One).Order()];
        bool isNorm = node.Operation is "ReduceL2" or "ReduceSumSquare";
        if (reduced is [OnnxAxis.Channels] || map.IsFlattened || (isNorm && reduced is []) || node.Inputs[0] is OnnxIntermediate)
        {
            map = layouts.WithChannels(node, map);
            return keeps && reduced.Length <= 1 && axes.Contains(map.ChannelAxis)
                ? _decompositions.Reduction(node, map)
                : throw node.Unsupported("a reduction over the channels that does not keep their dimension, or over others too,");
        }

        string name = node.LayerName();
        Shape shape = map.Shape;
        Size2d window = reduced switch
        {
            _ when kinds.Contains(OnnxAxis.Other) => throw Unsupported(),
            [] => 1,
            [OnnxAxis.Rows, OnnxAxis.Columns] or [OnnxAxis.Pixels] => new Size2d(shape.Height, shape.Width),
            [OnnxAxis.Rows] => new Size2d(shape.Height, 1),
            [OnnxAxis.Columns] => new Size2d(1, shape.Width),
            _ => throw Unsupported(),
        };
        OnnxFeatureMap result = (node.Operation, reduced) switch
        {
            ("ReduceMean" or "ReduceSum" or "ReduceMax", []) => map,
            ("ReduceMax", _) => layers.Append(new MaxPool2d(name, window), [map]),
            ("ReduceMean", _) => Mean(name),
            ("ReduceSum", _) => Depthwise(name, Mean($"{name}/mean"), Filled(map, window.Height * window.Width), shift: null),
            _ => throw node.Unsupported("a reduction other than the mean, the sum, or the maximum over height or width"),
        };

        // The reduced axes have size 1 now.
        OnnxAxis[] left = [.. kinds.Select((kind, axis) => axes.Contains(axis + 1) ? OnnxAxis.One : kind)];
        OnnxLayout layout = OnnxLayout.Of(left, result.Shape);
        return result with { Layout = keeps ? layout : layout.Without([.. axes.Select(axis => axis - 1)]) };

        FormatException Unsupported() => node.Unsupported($"a reduction over axes {string.Join(", ", axes.Order())}");

        OnnxFeatureMap Mean(string mean) => window == new Size2d(shape.Height, shape.Width)
            ? layers.Append(new GlobalAveragePool2d(mean), [map])
            : layers.Append(new AveragePool2d(mean, window), [map]);
    }

    /// <summary>Clamps the values; a minimum above the maximum gives the maximum, as the standard says.</summary>
    public OnnxValue Clip(OnnxNode node, int input, float minimum, float maximum)
    {
        if (float.IsNaN(minimum) || float.IsNaN(maximum))
        {
            throw node.Unsupported("NaN as a bound");
        }

        (minimum, maximum) = (Finite(Math.Min(minimum, maximum)), Finite(maximum));
        if (node.Inputs[input] is OnnxIntermediate part)
        {
            return OnnxDecompositions.Clip(node, part, minimum, maximum);
        }

        OnnxFeatureMap map = node.Map(input);
        return layers.Append(new Clip(node.LayerName()) { Minimum = minimum, Maximum = maximum }, [map]) with { Layout = map.Layout };

        static float Finite(float bound) => Math.Clamp(bound, float.MinValue, float.MaxValue);
    }

    /// <summary>Imports the minimum or the maximum of a feature map and a number as a clip.</summary>
    public OnnxValue Bound(OnnxNode node, bool isMinimum)
    {
        int of = node.Inputs is [OnnxConstant, _] ? 1 : 0;
        return node.Inputs.Count == 2 && node.NumberAt(1 - of) is float bound
            ? isMinimum ? Clip(node, of, float.NegativeInfinity, bound) : Clip(node, of, bound, float.PositiveInfinity)
            : throw node.Unsupported("the largest or smallest of other than a feature map and one number");
    }

    /// <summary>tanh(x) is 2 sigmoid(2 x) - 1.</summary>
    public OnnxFeatureMap Tanh(OnnxNode node)
    {
        string name = node.LayerName();
        OnnxFeatureMap map = node.Map(0), twice = Depthwise($"{name}/twice", map, Filled(map, 2), shift: null);
        OnnxFeatureMap sigmoid = layers.Append(new Sigmoid($"{name}/sigmoid"), [twice]) with { Layout = map.Layout };
        return Depthwise(name, sigmoid, Filled(map, 2), Filled(map, -1));
    }

    public OnnxIntermediate ErrorFunction(OnnxNode node) => _decompositions.ErrorFunctionOf(node);

    /// <summary>
    /// Scales and shifts each channel. A shift becomes the bias of the preceding convolution if that has none and no other consumer, and
    /// scale and shift become those of a preceding layer norm likewise; otherwise, the operation becomes a depthwise 1x1 convolution.
    /// </summary>
    private OnnxFeatureMap Affine(
        OnnxNode node, int input, Func<OnnxFeatureMap, float[]>? scale, Func<OnnxFeatureMap, float[]>? shift)
    {
        OnnxFeatureMap map = node.Map(input);
        var constant = (OnnxConstant)node.Inputs[1 - input]!;

        // One number for all values does not depend on the axes.
        map = constant.Count == 1 ? map : layouts.WithChannels(node, map);
        float[]? scales = scale?.Invoke(map), shifts = shift?.Invoke(map);
        if (canModify(node.Proto.Input[input], map))
        {
            if (scales is null && layers.ProducerOf(map) is Conv2d { HasBias: false } before)
            {
                layers.SetBias(before, shifts!);
                return map;
            }

            if (layers.ProducerOf(map) is LayerNorm2d norm && _decompositions.TryScale(norm, scales, shifts))
            {
                return map;
            }
        }

        return Depthwise(node.LayerName(), map, scales ?? Filled(map, 1), shifts);
    }

    private OnnxFeatureMap Depthwise(string name, OnnxFeatureMap map, float[] scale, float[]? shift)
    {
        int channels = map.Shape.Channels;
        var convolution = new Conv2d(name, channels, 1) { Groups = channels, HasBias = shift is not null };
        WeightTensor weight = new([channels, 1, 1, 1], scale);
        WeightTensor[] weights = shift is null ? [weight] : [weight, new WeightTensor([channels], shift)];
        return layers.Append(convolution, [map], weights) with { Layout = map.Layout };
    }

    private float[] Filled(OnnxFeatureMap map, float value)
    {
        float[] values = layers.Allocate(map.Shape.Channels);
        Array.Fill(values, value);
        return values;
    }

    /// <summary>Broadcasts a constant of one value, or of one value per channel, to the channels of a feature map.</summary>
    public float[] PerChannel(OnnxNode node, OnnxConstant constant, OnnxFeatureMap map, Func<float, float>? change = null)
    {
        float[] numbers = node.Numbers(constant);
        ImmutableArray<int> sizes = constant.Dimensions;
        int channels = map.Shape.Channels, channelAxis = sizes.Length - map.Rank + map.ChannelAxis;
        bool isSingle = numbers.Length == 1 && sizes.Length <= map.Rank;
        bool isPerChannel = numbers.Length == channels
            && sizes.Length <= map.Rank
            && map.ChannelAxis > 0
            && channelAxis >= 0
            && sizes[channelAxis] == channels;
        if (!isSingle && !isPerChannel)
        {
            throw node.Unsupported($"a constant of shape [{string.Join(", ", sizes)}] with a feature map of {map.Shape}");
        }

        float[] spread = layers.Allocate(channels);
        for (int c = 0; c < channels; c++)
        {
            float number = numbers[isSingle ? 0 : c];
            spread[c] = change is null ? number : change(number);
        }

        return spread;
    }

    /// <summary>Brings feature maps into one layout; all but the first may have one pixel where that has several.</summary>
    private OnnxFeatureMap[] Aligned(OnnxNode node, OnnxFeatureMap[] maps)
    {
        if (IsOneLayout())
        {
            return maps;
        }

        maps = [.. maps.Select(map => layouts.WithChannels(node, map))];
        return IsOneLayout() ? maps : throw node.Unsupported(
            $"combining feature maps with the dimensions {string.Join(" and ", maps.Select(map =>
                $"[{string.Join(", ", map.Dimensions.Skip(1))}] (of {map.Shape})"))}");

        bool IsOneLayout() => maps.All(map => map.Rank == maps[0].Rank
            && (map.Shape == maps[0].Shape
                ? map.Layout.Equals(maps[0].Layout)
                : map.ChannelAxis > 0 && map.ChannelAxis == maps[0].ChannelAxis));
    }
}
