namespace SimNet.Index;

/// <summary>An index that is built once and never changes: what <see cref="UpdatableIndex"/> requires of the index that it wraps.</summary>
internal interface IBuiltIndex : IVectorIndex
{
    /// <summary>The kind that the header of the index's file states.</summary>
    IndexKind FileKind { get; }

    /// <summary>The stored vectors and their codes.</summary>
    RowStore Store { get; }

    /// <summary>The recall that the options demand; null if they demand none.</summary>
    double? TargetRecall { get; }

    /// <summary>Adds the sections of the index's file other than those of the store.</summary>
    void AddSections(IndexFileWriter writer);

    /// <summary>
    /// Builds an index of the same kind with the same options over other rows. The rows are stored already, so that none is normalized
    /// twice, and the result is bit for bit that of a first build.
    /// </summary>
    /// <param name="store">The rows. The new index owns them unless this method throws.</param>
    /// <param name="progress">Receives the completed share; 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the work within milliseconds.</param>
    IBuiltIndex Rebuild(RowStore store, IProgress<double>? progress, CancellationToken cancellationToken);
}
