namespace SimNet.Index;

/// <summary>
/// An index with several references, disposed of when the last lets go: the state that has it as its current one is the first, each search
/// another. An index's own count will not do, since it refuses searches from the moment of its disposal on, and these still have to end.
/// </summary>
internal sealed class ReferenceCountedIndex(IBuiltIndex index)
{
    private int _references = 1;

    public IBuiltIndex Index { get; } = index;

    /// <summary>False when nobody holds it any more.</summary>
    public bool TryAcquire()
    {
        int references = Volatile.Read(ref _references);
        while (references > 0)
        {
            int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                return true;
            }

            references = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Index.Dispose();
        }
    }
}
