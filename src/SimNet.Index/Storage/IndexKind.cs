namespace SimNet.Index;

/// <summary>What an index file holds.</summary>
internal enum IndexKind
{
    Exact = 1,
    Forest = 2,
    Graph = 3,

    /// <summary>One of the others, and what was added to it and removed since.</summary>
    Updatable = 16,
}
