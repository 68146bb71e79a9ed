using SimNet.Models;

namespace SimNet.Core;

/// <summary>Weights of one network for another that differs in its number of classes.</summary>
internal static class WeightTransfer
{
    /// <summary>
    /// The network's parameters, taken from <paramref name="given"/>; from <paramref name="drawn"/> those of the last layer that has any where
    /// their shapes are others, and those of norms that are not given.
    /// </summary>
    /// <exception cref="ArgumentException">A parameter of another layer is missing, or of another shape.</exception>
    public static StateDict Fit(Network network, StateDict given, StateDict drawn)
    {
        int last = Enumerable.Range(0, network.Layers.Length).Last(i => network.ParametersByLayer[i].Length > 0);
        bool replaced = network.ParametersByLayer[last].Any(parameter => !Fits(parameter));
        return new StateDict(network.ParametersByLayer.SelectMany((parameters, layer) => parameters.Select(parameter =>
            new KeyValuePair<string, WeightTensor>(parameter.Name,
                (layer == last && replaced) || IsNormLeftOut(network, layer, given) ? drawn[parameter.Name]
                : Fits(parameter) ? given[parameter.Name]
                : throw new ArgumentException(
                    $"Network '{network.Name}' needs '{parameter.Name}' of {string.Join('x', parameter.Dimensions)}; the initial weights have "
                    + (given.TryGetValue(parameter.Name, out WeightTensor? other) ? $"it of {string.Join('x', other.Dimensions)}." : "no such tensor."), nameof(given))))));

        bool Fits(ParameterInfo parameter) => given.TryGetValue(parameter.Name, out WeightTensor? tensor) && tensor.Dimensions.SequenceEqual(parameter.Dimensions);
    }

    /// <summary>Whether a layer is a batch norm of which no parameter is given, as when the weights are those of a network without norms.</summary>
    public static bool IsNormLeftOut(Network network, int layer, StateDict given)
        => network.Layers[layer] is BatchNorm2d && !network.ParametersByLayer[layer].Any(parameter => given.ContainsKey(parameter.Name));
}
