namespace SimNet.Models;

/// <summary>The diagnostic IDs of the public API that may still change.</summary>
internal static class ExperimentalFeatures
{
    /// <summary>What a package needs to implement a back end: visitors of layers, checks of arguments, names of state.</summary>
    public const string Backends = "SIMNET001";
}
