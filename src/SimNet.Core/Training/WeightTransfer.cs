using SimNet.Models;

namespace SimNet.Core;

/// <summary>Transfers the weights of one network to another with a different number of classes.</summary>
internal static class WeightTransfer
{
    /// <summary>
    /// Returns the parameters of the network, taken from <paramref name="given"/>. The parameters of batch norms that are missing there,
    /// and of the last layer with parameters if a shape differs, are taken from <paramref name="initial"/>.
    /// </summary>
    /// <exception cref="ArgumentException">A parameter of another layer is missing or has another shape.</exception>
    public static StateDict Fit(Network network, StateDict given, StateDict initial)
    {
        int last = Enumerable.Range(0, network.Layers.Length).Last(i => network.ParametersByLayer[i].Length > 0);
        bool replaced = network.ParametersByLayer[last].Any(parameter => !Fits(parameter));
        return new StateDict(network.ParametersByLayer.SelectMany((parameters, layer) => parameters.Select(parameter =>
            new KeyValuePair<string, WeightTensor>(
                parameter.Name,
                (layer == last && replaced) || IsMissingBatchNorm(network, layer, given) ? initial[parameter.Name]
                    : Fits(parameter) ? given[parameter.Name]
                    : throw Mismatch(parameter)))));

        bool Fits(ParameterInfo parameter) =>
            given.TryGetValue(parameter.Name, out WeightTensor? tensor) && tensor.Dimensions.SequenceEqual(parameter.Dimensions);

        ArgumentException Mismatch(ParameterInfo parameter)
        {
            string found = given.TryGetValue(parameter.Name, out WeightTensor? other)
                ? $"'{parameter.Name}' has the shape {string.Join('x', other.Dimensions)}"
                : $"'{parameter.Name}' is missing";
            return new ArgumentException(
                $"In the initial weights, {found}; network '{network.Name}' expects {string.Join('x', parameter.Dimensions)}.",
                nameof(given));
        }
    }

    /// <summary>
    /// Whether a layer is a batch norm without any parameter in <paramref name="given"/>, as in the weights of a network without batch
    /// norms.
    /// </summary>
    public static bool IsMissingBatchNorm(Network network, int layer, StateDict given)
        => network.Layers[layer] is BatchNorm2d && !network.ParametersByLayer[layer].Any(parameter => given.ContainsKey(parameter.Name));
}
