namespace SimNet.Index;

/// <summary>What one search of a forest writes to: the query, the queue of nodes and which rows it has met.</summary>
internal sealed class ForestScratch(int stride, int rowCount, int leafCount)
{
    private readonly byte[] _generationOfRow = new byte[rowCount];
    private byte _generation;

    public VectorBuffer Query { get; } = new(stride);

    /// <summary>Nodes waiting are the tops of disjoint subtrees, each with a leaf at least, so there are never more of them than leaves.</summary>
    public MarginQueue Queue { get; } = new(leafCount);

    /// <summary>Starts a search: no node waits and no row was met.</summary>
    public void Begin()
    {
        Queue.Clear();

        // A row was met in this search if it carries the search's generation: only every 255th search has to wipe them all.
        if (++_generation == 0)
        {
            Array.Clear(_generationOfRow);
            _generation = 1;
        }
    }

    /// <summary>Whether this is the first time that this search meets a row.</summary>
    public bool Meet(int row)
    {
        ref byte generation = ref _generationOfRow[row];
        bool isFirst = generation != _generation;
        generation = _generation;
        return isFirst;
    }
}
