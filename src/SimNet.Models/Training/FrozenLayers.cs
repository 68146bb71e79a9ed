using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>Finds the layers that a list of names freezes.</summary>
internal static class FrozenLayers
{
    /// <summary>Returns, for each layer, whether one of the names is its name or a prefix of it that ends before a dot.</summary>
    /// <exception cref="ArgumentException">A name freezes no parameter, or all layers with parameters are frozen.</exception>
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
                throw new ArgumentException(
                    $"{nameof(TrainerOptions.FrozenLayers)} contains '{name}'; "
                    + $"network '{network.Name}' has no layer with parameters that is named '{name}' or '{name}.*'.",
                    argument);
            }
        }

        if (frozen.Contains(true)
            && !network.Layers.Select((_, i) => !frozen[i] && network.ParametersByLayer[i].Length > 0).Contains(true))
        {
            throw new ArgumentException(
                $"{nameof(TrainerOptions.FrozenLayers)} freezes all parameters of network '{network.Name}'.", argument);
        }

        return frozen;
    }
}
