namespace SimNet.Models;

/// <summary>The layers whose outputs a session, or a file, is asked for by name.</summary>
internal static class WantedLayers
{
    /// <summary>Their numbers, in the order of the names.</summary>
    /// <exception cref="ArgumentException">There is no name, or one is no layer's.</exception>
    public static int[] Find(Network network, IReadOnlyList<string> outputs)
    {
        if (outputs.Count == 0)
        {
            throw new ArgumentException("No outputs; expected at least one name of a layer.", nameof(outputs));
        }

        int[] wanted = [.. outputs.Select(network.IndexOf)];
        return wanted.Contains(-1)
            ? throw new ArgumentException($"'{Network.InputName}' is the network's input; expected names of layers.", nameof(outputs))
            : wanted;
    }
}
