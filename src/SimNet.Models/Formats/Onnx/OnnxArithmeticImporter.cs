using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Imports arithmetic on feature maps and constants.</summary>
/// <param name="layers">Receives the layers.</param>
/// <param name="canModify">
/// Returns whether a value is the output of its layer and has one consumer, which means that the layer can be modified.
/// </param>
internal sealed class OnnxArithmeticImporter(OnnxNetworkBuilder layers, Func<string, OnnxFeatureMap, bool> canModify)
{
    public OnnxFeatureMap Sum(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxFeatureMap map, OnnxConstant constant]:
                return Affine(node, 0, scale: null, PerChannel(node, constant, map));
            case [OnnxConstant constant, OnnxFeatureMap map]:
                return Affine(node, 1, scale: null, PerChannel(node, constant, map));
            default:
                OnnxFeatureMap[] maps = [.. Enumerable.Range(0, node.Inputs.Count).Select(i => node.Map(i))];
                RequireOneRank(node, maps);
                return maps.Length == 1 ? maps[0] : layers.Append(new Add(node.LayerName()), maps[0].IsFlat, maps);
        }
    }

    public OnnxFeatureMap Difference(OnnxNode node) => node.Inputs switch
    {
        [OnnxFeatureMap map, OnnxConstant constant] => Affine(node, 0, scale: null, PerChannel(node, constant, map, number => -number)),
        [OnnxConstant constant, OnnxFeatureMap map] => Affine(
            node, 1, PerChannel(node, new OnnxConstant([], [-1f]), map), PerChannel(node, constant, map)),
        _ => throw node.Unsupported("subtracting a feature map from another"),
    };

    public OnnxFeatureMap Product(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxFeatureMap map, OnnxConstant constant]:
                return Affine(node, 0, PerChannel(node, constant, map), shift: null);
            case [OnnxConstant constant, OnnxFeatureMap map]:
                return Affine(node, 1, PerChannel(node, constant, map), shift: null);
            case [OnnxFeatureMap, OnnxFeatureMap]:
                break;
            default:
                throw node.Unsupported("a product of other than two inputs");
        }

        OnnxFeatureMap[] maps = [node.Map(0), node.Map(1)];
        RequireOneRank(node, maps);
        if ((maps[0].IsVector && !maps[1].IsVector) || IsGate(maps[0], maps[1]))
        {
            (maps[0], maps[1]) = (maps[1], maps[0]);
        }

        // x times sigmoid(x) is SiLU, and x times hard sigmoid(x) is hard swish: one pass over the values instead of two.
        string name = node.LayerName();
        return !IsGate(maps[1], maps[0]) ? layers.Append(new Multiply(name), maps[0].IsFlat, maps)
            : layers.Append(layers.ProducerOf(maps[1]) is Sigmoid ? new Silu(name) : new HardSwish(name), maps[0].IsFlat, [maps[0]]);

        bool IsGate(OnnxFeatureMap gate, OnnxFeatureMap of) =>
            layers.ProducerOf(gate) is Sigmoid or HardSigmoid { Alpha: 1f / 6, Beta: 0.5f }
            && layers.ProducerOf(gate)!.Inputs[0] == of.Source;
    }

    public OnnxFeatureMap Quotient(OnnxNode node) => node.Inputs is [OnnxFeatureMap map, OnnxConstant divisor]
        ? Affine(node, 0, PerChannel(node, divisor, map, number => 1 / number), shift: null)
        : throw node.Unsupported("dividing by a feature map");

    /// <summary>
    /// Scales and shifts each channel. A shift becomes the bias of the preceding convolution if that has none and no other consumer;
    /// otherwise, the operation becomes a depthwise 1x1 convolution.
    /// </summary>
    private OnnxFeatureMap Affine(OnnxNode node, int input, float[]? scale, float[]? shift)
    {
        OnnxFeatureMap map = node.Map(input);
        if (scale is null && canModify(node.Proto.Input[input], map) && layers.ProducerOf(map) is Conv2d { HasBias: false } before)
        {
            layers.SetBias(before, shift!);
            return map;
        }

        int channels = map.Shape.Channels;
        if (scale is null)
        {
            scale = layers.Allocate(channels);
            Array.Fill(scale, 1);
        }

        var convolution = new Conv2d(node.LayerName(), channels, 1) { Groups = channels, HasBias = shift is not null };
        WeightTensor weight = new([channels, 1, 1, 1], scale);
        return layers.Append(convolution, map.IsFlat, [map], shift is null ? [weight] : [weight, new WeightTensor([channels], shift)]);
    }

    /// <summary>Broadcasts a constant of one value, or of one value per channel, to the channels of a feature map.</summary>
    public float[] PerChannel(OnnxNode node, OnnxConstant constant, OnnxFeatureMap map, Func<float, float>? change = null)
    {
        float[] numbers = node.Numbers(constant);
        ImmutableArray<int> sizes = constant.Dimensions;
        int channels = map.Shape.Channels, channelAxis = sizes.Length - (map.Rank - 1);
        bool isSingle = numbers.Length == 1 && sizes.Length <= map.Rank;
        bool isPerChannel = numbers.Length == channels
            && sizes.Length <= map.Rank
            && channelAxis >= 0
            && sizes[channelAxis] == channels
            && (!map.IsFlat || map.IsVector);
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

    private static void RequireOneRank(OnnxNode node, OnnxFeatureMap[] maps)
    {
        if (maps.Any(map => map.IsFlat != maps[0].IsFlat))
        {
            throw node.Unsupported("combining feature maps of two and of four dimensions");
        }
    }
}
