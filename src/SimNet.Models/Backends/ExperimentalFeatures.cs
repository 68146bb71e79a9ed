namespace SimNet.Models;

/// <summary>Diagnostic IDs of experimental public APIs.</summary>
internal static class ExperimentalFeatures
{
    /// <summary>APIs for implementing a back end: layer visitors, argument validation, and names of optimizer state.</summary>
    public const string Backends = "SIMNET001";
}
