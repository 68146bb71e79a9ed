namespace SimNet.Index;

/// <summary>
/// Lends what a search writes to, a piece for each thread that searches at the same time, and keeps the pieces given back.
/// </summary>
internal sealed class ScratchPool<T>(Func<T> create)
    where T : class
{
    // Twice the processors: beyond that many searches at once a piece is made and dropped, which is slower but right.
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
