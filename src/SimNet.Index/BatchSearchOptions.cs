namespace SimNet.Index;

/// <summary>Options for <see cref="IVectorIndex.SearchBatch"/>.</summary>
public sealed record BatchSearchOptions
{
    /// <summary>The options of each search. A <see cref="SearchOptions.Filter"/> is called from several threads at the same time.</summary>
    public SearchOptions Search { get; init; }

    /// <summary>The maximum number of threads that search at the same time; 0 (the default) means one per processor.</summary>
    public int MaxThreads { get; init; }
}
