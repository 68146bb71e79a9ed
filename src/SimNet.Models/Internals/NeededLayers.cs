namespace SimNet.Models;

/// <summary>Which layers of a network some wanted ones take from, directly or through others; the wanted ones are among them.</summary>
internal static class NeededLayers
{
    public static bool[] Find(Network network, IReadOnlyList<int> wanted)
    {
        var needed = new bool[network.Layers.Length];
        foreach (int layer in wanted)
        {
            needed[layer] = true;
        }

        for (int i = network.Layers.Length - 1; i >= 0; i--)
        {
            foreach (int source in network.Sources[i])
            {
                if (needed[i] && source >= 0)
                {
                    needed[source] = true;
                }
            }
        }

        return needed;
    }
}
