namespace SimNet.Embeddings;

/// <summary>
/// The memory that all threads together may use at a time to decode images. A decoder reserves what an image needs before it allocates, and
/// waits while other images use too much. This class is thread-safe.
/// </summary>
public sealed class MemoryBudget
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Reservation> _waiting = [];
    private long _reserved;

    /// <summary>Initializes a budget.</summary>
    /// <param name="bytes">The number of bytes; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is less than 1.</exception>
    public MemoryBudget(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        Bytes = bytes;
    }

    /// <summary>
    /// Gets the budget that decoders share by default: a quarter of the memory that the process may use, by the limit of its container or
    /// of the garbage collector, or else by the machine.
    /// </summary>
    public static MemoryBudget Shared { get; } = new(Math.Max(1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4));

    /// <summary>Gets the number of bytes of the budget.</summary>
    public long Bytes { get; }

    /// <summary>Reserves memory, and waits until there is enough. Threads that wait are served in the order in which they came.</summary>
    /// <param name="bytes">The number of bytes; at least 0. One thread must not hold two reservations.</param>
    /// <returns>The reservation; its disposal gives the memory back.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ImageFormatException">The budget would never suffice.</exception>
    public IDisposable Reserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes > Bytes)
        {
            throw new ImageFormatException(
                $"Decoding needs {Mebibytes(bytes)} MiB of memory; expected at most {Mebibytes(Bytes)} MiB, the budget for all images.", 0)
            {
                Cause = "too large",
            };
        }

        var reservation = new Reservation(this, bytes);
        lock (_lock)
        {
            if (_waiting.Count == 0 && _reserved + bytes <= Bytes)
            {
                _reserved += bytes;
                return reservation;
            }

            _waiting.AddLast(reservation);
        }

        reservation.Wait();
        return reservation;

        static long Mebibytes(long value) => (value + (1 << 20) - 1) >> 20;
    }

    private void Return(long bytes)
    {
        lock (_lock)
        {
            _reserved -= bytes;
            while (_waiting.First is { } first && _reserved + first.Value.Bytes <= Bytes)
            {
                _waiting.RemoveFirst();
                _reserved += first.Value.Bytes;
                first.Value.Grant();
            }
        }
    }

    private sealed class Reservation(MemoryBudget budget, long bytes) : IDisposable
    {
        private readonly ManualResetEventSlim _granted = new();
        private int _returned;

        public long Bytes => bytes;

        public void Wait() => _granted.Wait();

        public void Grant() => _granted.Set();

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
            {
                _granted.Dispose();
                budget.Return(bytes);
            }
        }
    }
}
