using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Options for <see cref="SimilarityEngine.Open"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>How to read images and which back end runs the network; the defaults by default.</summary>
    public ImageEmbedderOptions Embedder { get; init; } = new();

    /// <summary>
    /// The factories of index types that are not part of this library; none by default. A catalog whose index was built by such a factory
    /// can only be opened if a factory with the same <see cref="IVectorIndexFactory.Name"/> is in this list.
    /// </summary>
    public ImmutableArray<IVectorIndexFactory> IndexFactories { get; init; } = [];

    /// <summary>
    /// Whether to compare the SHA-256 of every file with the manifest, which reads the files completely; <see langword="true"/> by default.
    /// Otherwise only their sizes, their formats and the ID of the model are checked: a catalog with a damaged index then opens quickly,
    /// but may return wrong results.
    /// </summary>
    public bool VerifyChecksums { get; init; } = true;

    /// <summary>The logger factory; <see langword="null"/>, the default, disables logging.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
