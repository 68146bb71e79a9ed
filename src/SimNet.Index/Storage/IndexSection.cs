namespace SimNet.Index;

/// <summary>The sections of an index file.</summary>
internal enum IndexSection
{
    /// <summary>One <see cref="ForestParameters"/> or <see cref="GraphParameters"/>.</summary>
    Parameters = 1,

    /// <summary>An int32 for each tree: its first node.</summary>
    Roots = 2,

    /// <summary>An array of <see cref="ForestNode"/>.</summary>
    Nodes = 3,

    /// <summary>The normals of a forest: float32 vectors padded like the rows, or int8 vectors padded like the codes.</summary>
    Normals = 4,

    /// <summary>int32 row IDs, tree by tree.</summary>
    Leaves = 5,

    /// <summary>float32 rows, padded with zeros to a multiple of 16 components.</summary>
    Vectors = 6,

    /// <summary>One <see cref="ProjectionParameters"/>.</summary>
    Projection = 7,

    /// <summary>float32: the mean of the augmented vectors, padded.</summary>
    Mean = 8,

    /// <summary>float32 orthonormal vectors, padded like the augmented vectors.</summary>
    Basis = 9,

    /// <summary>One float32: the quantization step.</summary>
    Step = 10,

    /// <summary>int8 codes, padded with zeros to a multiple of 64 components.</summary>
    Codes = 11,

    /// <summary>
    /// float32: a residual for each row, then an error for each row. With two-stage codes, both are present twice: for the first stage and
    /// for the whole code.
    /// </summary>
    Bounds = 12,

    /// <summary>int32 row IDs: the entry points of a graph search.</summary>
    Entries = 13,

    /// <summary>int32 row IDs: the links of each row, -1 after the last.</summary>
    Links = 14,

    /// <summary>
    /// The points of the <see cref="Entries"/>, which a search compares with the query: as in <see cref="Codes"/> or in
    /// <see cref="Vectors"/>.
    /// </summary>
    EntryPoints = 15,

    /// <summary>One <see cref="RecallParameters"/>.</summary>
    Recall = 16,

    /// <summary>One <see cref="UpdatableParameters"/>.</summary>
    Updates = 32,

    /// <summary>An int32 for each row: its ID, ascending. Empty if IDs equal row positions.</summary>
    Ids = 33,

    /// <summary>
    /// One bit for each row, set if it is removed, in whole uint64 words; then the same for each row of <see cref="Added"/>.
    /// </summary>
    Removed = 34,

    /// <summary>The rows added after the build, as in <see cref="Vectors"/>.</summary>
    Added = 35,
}
