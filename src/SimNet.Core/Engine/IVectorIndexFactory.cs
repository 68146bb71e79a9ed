using SimNet.Index;

namespace SimNet.Core;

/// <summary>
/// Builds and opens the indexes of one type, so that a <see cref="SimilarityEngine"/> can use an <see cref="IVectorIndex"/> that is not
/// part of this library.
/// </summary>
/// <remarks>
/// Pass the factory to <see cref="SimilarityEngineBuilder.UseIndex(IVectorIndexFactory)"/> to build an engine, and to
/// <see cref="EngineOptions.IndexFactories"/> to open a saved one. <see cref="IVectorIndex.Save"/> of the index writes its file.
/// </remarks>
public interface IVectorIndexFactory
{
    /// <summary>
    /// The name of the index type, which is stored in saved catalogs; not empty. Different file formats need different names.
    /// </summary>
    string Name { get; }

    /// <summary>Builds an index.</summary>
    /// <param name="vectors">
    /// The vectors, row by row, each of <paramref name="dimensions"/> finite components; may be empty. The memory must not be used after
    /// the method returns.
    /// </param>
    /// <param name="dimensions">The number of components of a vector; at least 1.</param>
    /// <param name="metric">The metric of all distances.</param>
    /// <param name="progress">Receives the completed share, 0 to 1; <see langword="null"/> for no progress reports.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>
    /// An index in which the ID of a vector is its row number. <see cref="BuildReport"/> shows its
    /// <see cref="IVectorIndex.EstimatedRecall"/>.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token is canceled.</exception>
    IVectorIndex Build(
        ReadOnlySpan<float> vectors,
        int dimensions,
        Metric metric,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default);

    /// <summary>Opens a file written by <see cref="IVectorIndex.Save"/> of an index of this type.</summary>
    /// <param name="path">The file. A later save does not change it, but may delete it.</param>
    /// <param name="options">
    /// How much of the file to verify; <see langword="null"/> verifies all of it. The engine compares checksums of its own.
    /// </param>
    /// <returns>The index.</returns>
    /// <exception cref="IndexFormatException">The file is damaged or has another format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    IVectorIndex Open(string path, IndexOpenOptions? options = null);
}
