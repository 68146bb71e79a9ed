using System.Numerics;

namespace SimNet.Index;

/// <summary>
/// Some of an index's rows, by their numbers (ids), as one bit for each: what <see cref="SearchOptions.Rows"/> allows a search to find. Knowing beforehand
/// how many they are, a search chooses the fastest way through them, which a <see cref="SearchOptions.Filter"/> does not let it do.
/// </summary>
/// <remarks>Any number of searches may read a set at once; nothing may change it meanwhile.</remarks>
public sealed class RowSet
{
    private readonly ulong[] _bits;

    /// <summary>An empty set.</summary>
    /// <param name="capacity">Rows are numbered 0 to this less one; at least 0. Usually <see cref="IVectorIndex.IdLimit"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative.</exception>
    public RowSet(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        _bits = new ulong[(capacity / 64) + 1];
    }

    /// <summary>Rows are numbered 0 to this less one. Rows of an index beyond it are not in the set.</summary>
    public int Capacity { get; }

    /// <summary>How many rows are in the set.</summary>
    public int Count { get; private set; }

    /// <summary>A set of the rows that a rule holds for; it is called once for each.</summary>
    /// <param name="capacity">Rows are numbered 0 to this less one; at least 0.</param>
    /// <param name="contains">Whether a row is in the set.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative.</exception>
    public static RowSet Where(int capacity, Func<int, bool> contains)
    {
        ArgumentNullException.ThrowIfNull(contains);
        var set = new RowSet(capacity);
        for (int row = 0; row < capacity; row++)
        {
            if (contains(row))
            {
                set.Add(row);
            }
        }

        return set;
    }

    /// <summary>Whether a row is in the set; false for numbers that are no row's.</summary>
    /// <param name="row">The row's number.</param>
    public bool Contains(int row) => (uint)row < (uint)Capacity && ((_bits[row / 64] >> row) & 1) != 0;

    /// <summary>Puts a row into the set; says whether it was not in it before.</summary>
    /// <param name="row">The row's number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or not below <see cref="Capacity"/>.</exception>
    public bool Add(int row)
    {
        CheckRow(row);
        ref ulong bits = ref _bits[row / 64];
        ulong bit = 1UL << row;
        bool isNew = (bits & bit) == 0;
        bits |= bit;
        Count += isNew ? 1 : 0;
        return isNew;
    }

    /// <summary>Takes a row out of the set; says whether it was in it.</summary>
    /// <param name="row">The row's number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or not below <see cref="Capacity"/>.</exception>
    public bool Remove(int row)
    {
        CheckRow(row);
        ref ulong bits = ref _bits[row / 64];
        ulong bit = 1UL << row;
        bool wasIn = (bits & bit) != 0;
        bits &= ~bit;
        Count -= wasIn ? 1 : 0;
        return wasIn;
    }

    /// <summary>Takes all rows out.</summary>
    internal void Clear()
    {
        Array.Clear(_bits);
        Count = 0;
    }

    /// <summary>The first row of the set from a number on, or −1.</summary>
    internal int Next(int row)
    {
        if (row >= Capacity)
        {
            return -1;
        }

        int word = row / 64;
        ulong rest = _bits[word] & (ulong.MaxValue << row);
        while (rest == 0)
        {
            if (++word == _bits.Length)
            {
                return -1;
            }

            rest = _bits[word];
        }

        return (64 * word) + BitOperations.TrailingZeroCount(rest);
    }

    private void CheckRow(int row)
    {
        if ((uint)row >= (uint)Capacity)
        {
            throw new ArgumentOutOfRangeException(nameof(row), row, $"Rows of this set are numbered 0 to {Capacity - 1}.");
        }
    }
}
