namespace SimNet.Index;

/// <summary>
/// An index with several holders, disposed of when the last lets go: the state that has it as its current one is the first, each search
/// another. An index's own count will not do, since it refuses searches from the moment of its disposal on, and these still have to end.
/// </summary>
internal sealed class SharedIndex(IBuiltIndex index)
{
    private int _holders = 1;

    public IBuiltIndex Index { get; } = index;

    /// <summary>False when nobody holds it any more.</summary>
    public bool TryHold()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Index.Dispose();
        }
    }
}
