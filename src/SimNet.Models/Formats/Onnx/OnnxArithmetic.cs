using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Sums and products of values, and of values with constants, as layers.</summary>
/// <param name="layers">Where the layers go.</param>
/// <param name="isFreshOf">Whether a value is what its layer puts out, taken by one node only: then the layer may be changed.</param>
internal sealed class OnnxArithmetic(OnnxLayers layers, Func<string, OnnxMap, bool> isFreshOf)
{
    public OnnxMap Sum(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxMap map, OnnxConstant constant]:
                return Affine(node, 0, null, PerChannel(node, constant, map));
            case [OnnxConstant constant, OnnxMap map]:
                return Affine(node, 1, null, PerChannel(node, constant, map));
            default:
                OnnxMap[] maps = [.. Enumerable.Range(0, node.Inputs.Count).Select(i => node.Map(i))];
                RequireOneRank(node, maps);
                return maps.Length == 1 ? maps[0] : layers.Append(new Add(node.NameOf()), maps[0].IsFlat, maps);
        }
    }

    public OnnxMap Difference(OnnxNode node) => node.Inputs switch
    {
        [OnnxMap map, OnnxConstant constant] => Affine(node, 0, null, PerChannel(node, constant, map, number => -number)),
        [OnnxConstant constant, OnnxMap map] => Affine(node, 1, PerChannel(node, new OnnxConstant([], [-1f]), map), PerChannel(node, constant, map)),
        _ => throw node.Unsupported("a difference of two values that are not constant"),
    };

    public OnnxMap Product(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxMap map, OnnxConstant constant]:
                return Affine(node, 0, PerChannel(node, constant, map), null);
            case [OnnxConstant constant, OnnxMap map]:
                return Affine(node, 1, PerChannel(node, constant, map), null);
            case [OnnxMap, OnnxMap]:
                break;
            default:
                throw node.Unsupported("a product of other than two values");
        }

        OnnxMap[] maps = [node.Map(0), node.Map(1)];
        RequireOneRank(node, maps);
        if ((maps[0].IsVector && !maps[1].IsVector) || IsGate(maps[0], maps[1]))
        {
            (maps[0], maps[1]) = (maps[1], maps[0]);
        }

        // A value times its own gate has a layer of its own, which is one pass over the values instead of two.
        string name = node.NameOf();
        return !IsGate(maps[1], maps[0]) ? layers.Append(new Multiply(name), maps[0].IsFlat, maps)
            : layers.Append(layers.MakerOf(maps[1]) is Sigmoid ? new Silu(name) : new HardSwish(name), maps[0].IsFlat, [maps[0]]);

        bool IsGate(OnnxMap gate, OnnxMap of) =>
            layers.MakerOf(gate) is Sigmoid or HardSigmoid { Alpha: 1f / 6, Beta: 0.5f } && layers.MakerOf(gate)!.Inputs[0] == of.Source;
    }

    public OnnxMap Quotient(OnnxNode node) => node.Inputs is [OnnxMap map, OnnxConstant divisor]
        ? Affine(node, 0, PerChannel(node, divisor, map, number => 1 / number), null)
        : throw node.Unsupported("a division by what is not constant");

    /// <summary>
    /// Each channel times a number, plus a number: a depthwise convolution of one pixel, or the bias of the convolution before where that has none
    /// and nothing else takes from it.
    /// </summary>
    private OnnxMap Affine(OnnxNode node, int input, float[]? scale, float[]? shift)
    {
        OnnxMap map = node.Map(input);
        if (scale is null && isFreshOf(node.Proto.Input[input], map) && layers.MakerOf(map) is Conv2d { HasBias: false } before)
        {
            layers.SetBias(before, shift!);
            return map;
        }

        int channels = map.Shape.Channels;
        if (scale is null)
        {
            scale = layers.Take(channels);
            Array.Fill(scale, 1);
        }

        var convolution = new Conv2d(node.NameOf(), channels, 1) { Groups = channels, HasBias = shift is not null };
        WeightTensor weight = new([channels, 1, 1, 1], scale);
        return layers.Append(convolution, map.IsFlat, [map], shift is null ? [weight] : [weight, new WeightTensor([channels], shift)]);
    }

    /// <summary>A constant's number for each of a map's channels: it has one in all or one for each.</summary>
    public float[] PerChannel(OnnxNode node, OnnxConstant constant, OnnxMap map, Func<float, float>? change = null)
    {
        float[] numbers = node.Numbers(constant);
        ImmutableArray<int> sizes = constant.Dimensions;
        int channels = map.Shape.Channels, channelAxis = sizes.Length - (map.Rank - 1);
        bool isSingle = numbers.Length == 1 && sizes.Length <= map.Rank;
        if (!isSingle && (numbers.Length != channels || sizes.Length > map.Rank || channelAxis < 0 || sizes[channelAxis] != channels || (map.IsFlat && !map.IsVector)))
        {
            throw node.Unsupported($"a constant of [{string.Join(", ", sizes)}] beside {map.Shape}");
        }

        float[] spread = layers.Take(channels);
        for (int c = 0; c < channels; c++)
        {
            float number = numbers[isSingle ? 0 : c];
            spread[c] = change is null ? number : change(number);
        }

        return spread;
    }

    private static void RequireOneRank(OnnxNode node, OnnxMap[] maps)
    {
        if (maps.Any(map => map.IsFlat != maps[0].IsFlat))
        {
            throw node.Unsupported("values of two and of four dimensions together");
        }
    }
}
