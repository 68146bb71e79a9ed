using SimNet.Models;

namespace SimNet.Core;

/// <summary>Weights of one network for another that differs in its number of classes.</summary>
internal static class WeightTransfer
{
    /// <summary>The network's parameters, taken from <paramref name="given"/>; those of the last layer that has any from <paramref name="drawn"/> where their shapes are others.</summary>
    /// <exception cref="ArgumentException">A parameter of another layer is missing, or of another shape.</exception>
    public static StateDict Fit(Network network, StateDict given, StateDict drawn)
    {
        int last = Enumerable.Range(0, network.Layers.Length).Last(i => network.ParametersByLayer[i].Length > 0);
        bool replaced = network.ParametersByLayer[last].Any(parameter => !Fits(parameter));
        return new StateDict(network.ParametersByLayer.SelectMany((parameters, layer) => parameters.Select(parameter =>
            new KeyValuePair<string, WeightTensor>(parameter.Name,
                layer == last && replaced ? drawn[parameter.Name]
                : Fits(parameter) ? given[parameter.Name]
                : throw new ArgumentException(
                    $"Network '{network.Name}' needs '{parameter.Name}' of {string.Join('x', parameter.Dimensions)}; the initial weights have "
                    + (given.TryGetValue(parameter.Name, out WeightTensor? other) ? $"it of {string.Join('x', other.Dimensions)}." : "no such tensor."), nameof(given))))));

        bool Fits(ParameterInfo parameter) => given.TryGetValue(parameter.Name, out WeightTensor? tensor) && tensor.Dimensions.SequenceEqual(parameter.Dimensions);
    }
}
