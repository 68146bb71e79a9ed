using Microsoft.Extensions.Logging;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>How to open a saved catalog.</summary>
public sealed record EngineOptions
{
    /// <summary>How images are read and the network is run.</summary>
    public ImageEmbedderOptions Embedder { get; init; } = new();

    /// <summary>
    /// Whether the files' SHA-256 are compared with the manifest's, which reads them whole; true by default, and what makes sure that
    /// model and index belong together. Without it the files' lengths, their form and the model's fingerprint are still checked, so
    /// that a damaged index opens in no time but may answer wrongly.
    /// </summary>
    public bool VerifyChecksums { get; init; } = true;

    /// <summary>Where to log; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
