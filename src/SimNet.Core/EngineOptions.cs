using Microsoft.Extensions.Logging;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>How to open a saved catalog.</summary>
public sealed record EngineOptions
{
    /// <summary>How pictures are read and the network is run.</summary>
    public ImageEmbedderOptions Embedder { get; init; } = new();

    /// <summary>
    /// Whether the files' SHA-256 are compared with the manifest's, which reads them whole; true by default. Without it the parts are
    /// still checked for their form, and that model and index belong together.
    /// </summary>
    public bool VerifyChecksums { get; init; } = true;

    /// <summary>Where to log; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
