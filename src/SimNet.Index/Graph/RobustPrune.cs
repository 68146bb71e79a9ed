using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

// RobustPrune (Subramanya et al., "DiskANN: fast accurate billion-point nearest neighbor search on a single node", 2019, algorithm 2):
//
//   prune(row, candidates, alpha, R):
//     kept <- {}
//     for each candidate, nearest first, until R are kept:
//       keep it unless a kept row is nearer to it, by the factor alpha, than the row is

/// <summary>Selects the links of a row from its candidates: near ones in different directions.</summary>
internal sealed unsafe class RobustPrune
{
    private const int Lanes = 4;

    private readonly ScalarQuantizedCodes _codes;
    private readonly double _squaredAlpha;
    private readonly short[] _query;

    // The distance in the upper half, the row in the lower: NativeAOT sorts integers faster than pairs.
    private long[] _candidates;
    private int _count;

    /// <param name="codes">The codes of the rows.</param>
    /// <param name="alpha">The pruning factor.</param>
    /// <param name="initialCapacity">
    /// The usual number of candidates; more are possible if many rows of a batch link to the same row.
    /// </param>
    public RobustPrune(ScalarQuantizedCodes codes, double alpha, int initialCapacity)
    {
        _codes = codes;
        _squaredAlpha = alpha * alpha;
        _query = GC.AllocateArray<short>(codes.Stride, pinned: true);
        _candidates = new long[initialCapacity];
    }

    public void Clear() => _count = 0;

    public void Add(int row, int distance)
    {
        if (_count == _candidates.Length)
        {
            Array.Resize(ref _candidates, 2 * _count);
        }

        _candidates[_count++] = ((long)distance << 32) | (uint)row;
    }

    /// <summary>Adds rows with their distances from a row.</summary>
    public void AddAll(int row, ReadOnlySpan<int> others)
    {
        fixed (short* query = _query)
        {
            ToQueryCode(_codes.Code(row), query, _codes.Stride);
            for (int i = 0; i < others.Length; i += Lanes)
            {
                int last = others.Length - 1;
                Vector128<int> distances = CodeDistanceKernel.Compute(
                    query,
                    _codes.Code(others[i]),
                    _codes.Code(others[Math.Min(i + 1, last)]),
                    _codes.Code(others[Math.Min(i + 2, last)]),
                    _codes.Code(others[Math.Min(i + 3, last)]),
                    _codes.Stride);
                for (int lane = 0; lane < Math.Min(Lanes, others.Length - i); lane++)
                {
                    Add(others[i + lane], distances[lane]);
                }
            }
        }
    }

    /// <summary>Writes the selected rows, nearest first, and returns their number.</summary>
    /// <param name="kept">Receives the rows; its length is the maximum degree.</param>
    public int Run(Span<int> kept)
    {
        Span<long> candidates = _candidates.AsSpan(0, _count);
        candidates.Sort();
        int count = 0;
        fixed (short* query = _query)
        {
            for (int i = 0; i < candidates.Length && count < kept.Length; i++)
            {
                // Among equal rows, none prunes another. At most half of the links go to equal rows; the others lead out of the cluster.
                int distance = (int)(candidates[i] >> 32), row = (int)candidates[i];
                bool isNew = i == 0 || row != (int)candidates[i - 1];
                if (isNew && (distance > 0 || count < kept.Length / 2) && !IsCovered(row, distance, kept[..count], query))
                {
                    kept[count++] = row;
                }
            }
        }

        return count;
    }

    /// <summary>Converts the code of a row to that of a query.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToQueryCode(sbyte* code, short* query, int stride)
    {
        for (int i = 0; i < stride; i += Vector128<sbyte>.Count)
        {
            Vector128<sbyte> numbers = Vector128.Load(code + i);
            Vector128.WidenLower(numbers).Store(query + i);
            Vector128.WidenUpper(numbers).Store(query + i + Vector128<short>.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool IsCovered(int row, int distance, ReadOnlySpan<int> kept, short* query)
    {
        if (kept.IsEmpty)
        {
            return false;
        }

        // A kept row at a smaller integer distance than this prunes the candidate.
        int limit = (int)Math.Min(int.MaxValue, Math.Ceiling(distance / _squaredAlpha));
        Vector128<int> limits = Vector128.Create(limit);
        ToQueryCode(_codes.Code(row), query, _codes.Stride);
        int last = kept.Length - 1;
        for (int i = 0; i < kept.Length; i += Lanes)
        {
            Vector128<int> distances = CodeDistanceKernel.Compute(
                query,
                _codes.Code(kept[i]),
                _codes.Code(kept[Math.Min(i + 1, last)]),
                _codes.Code(kept[Math.Min(i + 2, last)]),
                _codes.Code(kept[Math.Min(i + 3, last)]),
                _codes.Stride);
            if (Vector128.LessThanAny(distances, limits))
            {
                return true;
            }
        }

        return false;
    }
}
