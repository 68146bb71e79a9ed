using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Creates networks from a subset of another network's layers.</summary>
internal static class Subnetwork
{
    /// <summary>Reduces a network to the layers that the outputs depend on; returns the network itself if they depend on all.</summary>
    public static Network RequiredBy(Network network, IReadOnlyList<int> outputs)
    {
        bool[] required = network.FindRequired(outputs);
        return required.Contains(false) ? Create(network, required, network.Layers, source => source) : network;
    }

    /// <summary>Selects the weights of a network from a larger set.</summary>
    public static StateDict WeightsOf(Network network, StateDict weights) => weights.Count == network.Parameters.Length
        ? weights
        : new StateDict(network.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, weights[parameter.Name])));

    /// <summary>Creates a network from the layers to keep. An input that is no longer the preceding layer is named explicitly.</summary>
    /// <param name="network">The whole network.</param>
    /// <param name="kept">For each layer, whether to keep it.</param>
    /// <param name="layers">The replacement of each layer.</param>
    /// <param name="redirect">Maps the index of an input layer to that of its replacement; -1 is the input of the network.</param>
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
