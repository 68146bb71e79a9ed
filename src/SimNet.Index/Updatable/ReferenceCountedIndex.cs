namespace SimNet.Index;

/// <summary>
/// An index that is disposed when its last reference is released. The current state holds one reference, and each running search another.
/// The reference count of the index's memory is not sufficient: a disposed index rejects searches at once, and these searches still have to
/// complete.
/// </summary>
internal sealed class ReferenceCountedIndex(IBuiltIndex index)
{
    private int _references = 1;

    public IBuiltIndex Index { get; } = index;

    /// <summary>The recall for the vectors added to the index.</summary>
    public RecallWatch Watch { get; } = new(index);

    /// <summary>Acquires a reference; false if the last one is already released.</summary>
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
