using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Which layers of a network a list of names freezes.</summary>
internal static class FrozenLayers
{
    /// <summary>For each layer whether one of the names is its own, or its own up to one of its dots.</summary>
    /// <exception cref="ArgumentException">A name freezes no parameter, or nothing is left that learns.</exception>
    public static bool[] Find(Network network, ImmutableArray<string> names, string argument)
    {
        var frozen = new bool[network.Layers.Length];
        foreach (string name in names.IsDefault ? [] : names)
        {
            bool any = false;
            for (int i = 0; i < frozen.Length; i++)
            {
                string layer = network.Layers[i].Name;
                if (layer == name || layer.StartsWith($"{name}.", StringComparison.Ordinal))
                {
                    frozen[i] = true;
                    any |= network.ParametersByLayer[i].Length > 0;
                }
            }

            if (!any)
            {
                throw new ArgumentException($"{nameof(TrainerOptions.FrozenLayers)} has '{name}'; no layer of network '{network.Name}' with parameters is called so, or begins with it and a dot.", argument);
            }
        }

        if (frozen.Contains(true) && !network.Layers.Select((_, i) => !frozen[i] && network.ParametersByLayer[i].Length > 0).Contains(true))
        {
            throw new ArgumentException($"{nameof(TrainerOptions.FrozenLayers)} leaves no layer of network '{network.Name}' that learns.", argument);
        }

        return frozen;
    }
}
