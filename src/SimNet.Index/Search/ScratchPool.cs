namespace SimNet.Index;

/// <summary>A pool of search buffers: one instance for each thread that searches at the same time.</summary>
internal sealed class ScratchPool<T>(Func<T> create)
    where T : class
{
    // Twice the number of processors. With more concurrent searches, instances are created and dropped, which is slower but correct.
    private readonly T?[] _idle = new T?[2 * Environment.ProcessorCount];

    public T Rent()
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } scratch)
            {
                return scratch;
            }
        }

        return create();
    }

    public void Return(T scratch)
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], scratch, null) is null)
            {
                return;
            }
        }
    }
}
