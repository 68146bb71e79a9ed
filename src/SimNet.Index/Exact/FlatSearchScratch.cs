using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>
/// The buffers of one exact search: the query, its code, and an estimate for each candidate. They grow to the largest search and are
/// reused.
/// </summary>
internal sealed unsafe class FlatSearchScratch(VectorRows rows, ScalarQuantizedCodes codes)
{
    /// <summary>An upper limit of the relative rounding error of a dozen float operations.</summary>
    public const float RoundingAllowance = 1.00001f;

    private float[] _estimates = [];
    private int[] _ids = [];
    private bool _isListed;
    private ErrorBounds _bounds;
    private (float Estimate, int Position)[] _heap = [];
    private int[] _nearest = [];
    private int _nearestCount;

    /// <summary>The query in the form of <see cref="VectorRows.StoreQuery"/>.</summary>
    public VectorBuffer Query { get; } = new(rows.Stride);

    public QueryCode Code { get; } = new(rows, codes);

    /// <summary>The squared estimate of each candidate, in whole blocks of 16.</summary>
    public float* Estimates => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_estimates));

    /// <summary>The row IDs of the candidates; null if all rows are candidates.</summary>
    public int* Ids => _isListed ? (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_ids)) : null;

    /// <summary>The positions of the candidates with the smallest estimates.</summary>
    public ReadOnlySpan<int> Nearest => _nearest.AsSpan(0, _nearestCount);

    /// <summary>Makes all rows candidates.</summary>
    public void BeginAll(ErrorBounds bounds, int count)
    {
        _bounds = bounds;
        _isListed = false;
        Reserve(ref _estimates, count);
    }

    /// <summary>Makes the rows of a set candidates and returns their number.</summary>
    public int BeginSome(ErrorBounds bounds, RowSet set, int count)
    {
        _bounds = bounds;
        _isListed = true;
        int most = Math.Min(set.Count, count);
        Reserve(ref _estimates, most);
        Reserve(ref _ids, most);
        int found = 0;
        for (int row = set.Next(0); row >= 0 && row < count; row = set.Next(row + 1))
        {
            _ids[found++] = row;
        }

        return found;
    }

    /// <summary>The row ID of a candidate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Row(int position) => _isListed ? _ids[position] : position;

    public Span<(float Estimate, int Position)> NearestRoom(int count)
    {
        if (_heap.Length < count)
        {
            _heap = new (float, int)[count];
            _nearest = new int[count];
        }

        return _heap.AsSpan(0, count);
    }

    /// <summary>Makes the first items written to <see cref="NearestRoom"/> the <see cref="Nearest"/>.</summary>
    public void KeepNearest(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _nearest[i] = _heap[i].Position;
        }

        _nearestCount = count;
    }

    /// <summary>
    /// The first candidate from a position on whose estimate, allowing for the row's own error, does not prove it farther than a radius;
    /// <paramref name="count"/> if there is none.
    /// </summary>
    public int NextWithin(int position, int count, float radius)
    {
        float* estimates = Estimates, errors = _bounds.Errors;
        if (_isListed || VectorSupport.Bits != 512)
        {
            for (; position < count; position++)
            {
                float limit = radius + errors[Row(position)];
                if (estimates[position] <= limit * limit * RoundingAllowance)
                {
                    return position;
                }
            }

            return count;
        }

        Vector512<float> radii = Vector512.Create(radius), allowance = Vector512.Create(RoundingAllowance);
        int block = position & ~15;
        ulong wanted = ulong.MaxValue << (position & 15);
        for (; block + 16 <= count; block += 16)
        {
            Vector512<float> limit = radii + Vector512.Load(errors + block);
            Vector512<float> isWithin = Vector512.LessThanOrEqual(Vector512.Load(estimates + block), limit * limit * allowance);
            ulong within = isWithin.ExtractMostSignificantBits() & wanted;
            if (within != 0)
            {
                return block + BitOperations.TrailingZeroCount(within);
            }

            wanted = ulong.MaxValue;
        }

        for (position = Math.Max(position, block); position < count; position++)
        {
            float limit = radius + errors[position];
            if (estimates[position] <= limit * limit * RoundingAllowance)
            {
                return position;
            }
        }

        return count;
    }

    private static void Reserve<T>(ref T[] array, int count)
        where T : unmanaged
    {
        // Whole blocks of 16, and one more for vector stores past the end.
        int length = ((count + 15) & ~15) + 16;
        if (array.Length < length)
        {
            array = GC.AllocateUninitializedArray<T>(length, pinned: true);
        }
    }
}
