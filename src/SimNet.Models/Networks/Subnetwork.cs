using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Networks made of some of another's layers.</summary>
internal static class Subnetwork
{
    /// <summary>The layers that the outputs need; the network itself where they need all.</summary>
    public static Network RequiredBy(Network network, IReadOnlyList<int> outputs)
    {
        bool[] required = network.FindRequired(outputs);
        return required.Contains(false) ? Create(network, required, network.Layers, source => source) : network;
    }

    /// <summary>The weights of the network's parameters alone.</summary>
    public static StateDict WeightsOf(Network network, StateDict weights) => weights.Count == network.Parameters.Length
        ? weights
        : new StateDict(network.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, weights[parameter.Name])));

    /// <summary>The kept layers. An input that is no longer the layer before is named.</summary>
    /// <param name="network">The whole network.</param>
    /// <param name="kept">For each of its layers whether it is kept.</param>
    /// <param name="layers">What takes the place of each of its layers.</param>
    /// <param name="redirect">The source, -1 for the network's input, that takes the place of a source.</param>
    public static Network Create(Network network, bool[] kept, IReadOnlyList<Layer> layers, Func<int, int> redirect)
    {
        var created = ImmutableArray.CreateBuilder<Layer>();
        int previous = -1;
        for (int i = 0; i < kept.Length; i++)
        {
            if (kept[i])
            {
                int[] sources = [.. network.Sources[i].Select(redirect)];
                bool isPlain = layers[i].Inputs.IsDefaultOrEmpty && sources[0] == previous;
                created.Add(isPlain
                    ? layers[i]
                    : layers[i] with { Inputs = [.. sources.Select(source => source < 0 ? Network.InputName : layers[source].Name)] });
                previous = i;
            }
        }

        return new Network(network.Name, network.InputShape, created);
    }
}
