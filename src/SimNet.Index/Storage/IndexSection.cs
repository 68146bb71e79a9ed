namespace SimNet.Index;

/// <summary>The parts of an index file.</summary>
internal enum IndexSection
{
    /// <summary>One <see cref="ForestParameters"/> or <see cref="GraphParameters"/>.</summary>
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

    /// <summary>One <see cref="ProjectionParameters"/>.</summary>
    Projection = 7,

    /// <summary>float32: the point that lifted vectors are centred on, padded.</summary>
    Mean = 8,

    /// <summary>float32 orthonormal vectors, padded as lifted vectors are.</summary>
    Basis = 9,

    /// <summary>One float32: a code's 1.</summary>
    Step = 10,

    /// <summary>int8 codes, padded with zeros to a multiple of 64 numbers.</summary>
    Codes = 11,

    /// <summary>float32: a residual for each row, then an error for each row; and both once more if a scan reads less than a whole code first.</summary>
    Bounds = 12,

    /// <summary>int32 row numbers: where a walk through the graph may start.</summary>
    Entries = 13,

    /// <summary>int32 row numbers: those that each row is linked to, −1 where there are fewer.</summary>
    Links = 14,

    /// <summary>int8 codes of the <see cref="Entries"/>, as in <see cref="Codes"/>.</summary>
    EntryCodes = 15,

    /// <summary>One <see cref="UpdatableParameters"/>.</summary>
    Updates = 32,

    /// <summary>int32 for each row: its id, ascending; nothing where they are the rows' numbers.</summary>
    Ids = 33,

    /// <summary>A bit for each row, set where it was removed, as whole uint64; then in the same way for each row of <see cref="Added"/>.</summary>
    Removed = 34,

    /// <summary>Rows as in <see cref="Vectors"/> that came after the build.</summary>
    Added = 35,
}
