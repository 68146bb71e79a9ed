namespace SimNet.Index;

/// <summary>An index that was built once and never changes: what an <see cref="UpdatableIndex"/> needs of the one inside it.</summary>
internal interface IBuiltIndex : IVectorIndex
{
    /// <summary>What its file says that it holds.</summary>
    IndexKind FileKind { get; }

    /// <summary>The vectors as they are stored.</summary>
    VectorRows Rows { get; }

    /// <summary>What the vectors lie in, and all else that <see cref="AddSections"/> adds.</summary>
    IndexMemory Memory { get; }

    /// <summary>The file that <see cref="Memory"/> maps, or null.</summary>
    string? Path { get; }

    /// <summary>Adds all that the index's file holds beside the vectors.</summary>
    void AddSections(IndexFileWriter writer);

    /// <summary>
    /// Builds an index of the same kind and options over other rows, which are stored already: so none is normalised twice, and the
    /// result is bit for bit that of a first build.
    /// </summary>
    /// <param name="rows">The vectors.</param>
    /// <param name="memory">What they lie in; the new index owns it, unless this throws.</param>
    /// <param name="progress">As for a first build.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
    IBuiltIndex Rebuild(VectorRows rows, IndexMemory memory, IProgress<double>? progress, CancellationToken cancellationToken);
}
