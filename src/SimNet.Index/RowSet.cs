using System.Numerics;

namespace SimNet.Index;

/// <summary>
/// A set of row IDs, stored as one bit per row. <see cref="SearchOptions.Rows"/> restricts a search to such a set. Because the size of a
/// set is known in advance, a search can choose the fastest strategy for it, which a <see cref="SearchOptions.Filter"/> does not allow.
/// </summary>
/// <remarks>Any number of searches may read a set at the same time, as long as no thread changes it.</remarks>
public sealed class RowSet
{
    private readonly ulong[] _bits;

    /// <summary>Creates an empty set.</summary>
    /// <param name="capacity">The exclusive upper limit of the IDs; at least 0. Usually <see cref="IVectorIndex.IdLimit"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative.</exception>
    public RowSet(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        _bits = new ulong[(capacity / 64) + 1];
    }

    /// <summary>The exclusive upper limit of the IDs. Rows of an index with this ID or a higher one are not in the set.</summary>
    public int Capacity { get; }

    /// <summary>The number of rows in the set.</summary>
    public int Count { get; private set; }

    /// <summary>Creates the set of the rows for which a predicate holds. The predicate is called once for each ID.</summary>
    /// <param name="capacity">The exclusive upper limit of the IDs; at least 0.</param>
    /// <param name="contains">Returns whether a row is in the set.</param>
    /// <returns>The set.</returns>
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

    /// <summary>Returns whether a row is in the set; <see langword="false"/> for an ID outside the capacity.</summary>
    /// <param name="row">The ID of the row.</param>
    public bool Contains(int row) => (uint)row < (uint)Capacity && ((_bits[row / 64] >> row) & 1) != 0;

    /// <summary>Adds a row.</summary>
    /// <param name="row">The ID of the row.</param>
    /// <returns><see langword="true"/> if the row is added; <see langword="false"/> if it is in the set already.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The ID is negative or not less than <see cref="Capacity"/>.</exception>
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

    /// <summary>Removes a row.</summary>
    /// <param name="row">The ID of the row.</param>
    /// <returns><see langword="true"/> if the row is removed; <see langword="false"/> if it is not in the set.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The ID is negative or not less than <see cref="Capacity"/>.</exception>
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

    /// <summary>Removes all rows.</summary>
    internal void Clear()
    {
        Array.Clear(_bits);
        Count = 0;
    }

    /// <summary>The first row of the set with at least this ID, or -1.</summary>
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
            throw new ArgumentOutOfRangeException(nameof(row), row, $"Expected an ID of 0 to {Capacity - 1}.");
        }
    }
}
