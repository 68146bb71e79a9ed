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

    /// <summary>One <see cref="UpdatableParameters"/>. This and the next three come before all others.</summary>
    Updates = 32,

    /// <summary>int32 for each row: its id, ascending; nothing where they are the rows' numbers.</summary>
    Ids = 33,

    /// <summary>A bit for each row, set where it was removed, as whole uint64; then in the same way for each row of <see cref="Added"/>.</summary>
    Removed = 34,

    /// <summary>Rows as in <see cref="Vectors"/> that came after the build.</summary>
    Added = 35,
}
