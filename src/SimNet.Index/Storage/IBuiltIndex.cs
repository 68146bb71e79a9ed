namespace SimNet.Index;

/// <summary>An index that was built once and never changes: what an <see cref="UpdatableIndex"/> needs of the one inside it.</summary>
internal interface IBuiltIndex : IVectorIndex
{
    /// <summary>What its file says that it holds.</summary>
    IndexKind FileKind { get; }

    /// <summary>The vectors as they are stored.</summary>
    RowStore Store { get; }

    /// <summary>Adds all that the index's file holds beside the store.</summary>
    void AddSections(IndexFileWriter writer);

    /// <summary>
    /// Builds an index of the same kind and options over other rows. They are stored already, so none is normalised twice, and the result is bit
    /// for bit that of a first build.
    /// </summary>
    /// <param name="store">The rows; the new index owns them, unless this throws.</param>
    /// <param name="progress">As for a first build.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
    IBuiltIndex Rebuild(RowStore store, IProgress<double>? progress, CancellationToken cancellationToken);
}
