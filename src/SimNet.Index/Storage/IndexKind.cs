namespace SimNet.Index;

/// <summary>The kind of index in a file.</summary>
internal enum IndexKind
{
    Exact = 1,
    Forest = 2,
    Graph = 3,

    /// <summary>One of the other kinds, with the vectors added to it and removed from it since.</summary>
    Updatable = 16,
}
