namespace SimNet.Index;

/// <summary>How a batch of searches is run.</summary>
public sealed record BatchSearchOptions
{
    /// <summary>What each of the searches is told. A <see cref="SearchOptions.Filter"/> is called on several threads at once.</summary>
    public SearchOptions Search { get; init; }

    /// <summary>How many threads may search at once; 0 (the default) is one for each processor.</summary>
    public int MaxThreads { get; init; }
}
