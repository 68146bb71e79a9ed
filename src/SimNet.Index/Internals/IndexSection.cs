namespace SimNet.Index;

/// <summary>The parts of an index file; their order here is theirs in the file.</summary>
internal enum IndexSection
{
    /// <summary>One <see cref="ForestParameters"/>.</summary>
    Parameters = 1,

    /// <summary>int32 for each tree: its first node.</summary>
    Roots = 2,

    /// <summary><see cref="ForestNode"/>s.</summary>
    Nodes = 3,

    /// <summary>float32 vectors, padded as the rows are.</summary>
    Normals = 4,

    /// <summary>int32 row numbers, tree after tree.</summary>
    Leaves = 5,

    /// <summary>float32 rows, padded with zeros to a multiple of 16 numbers.</summary>
    Vectors = 6,
}
