using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

// RobustPrune (Subramanya et al., "DiskANN: fast accurate billion-point nearest neighbor search on a single node", 2019, algorithm 2):
//
//   prune(row, candidates, diversity, R):
//     kept <- {}
//     for each candidate, nearest first, until R are kept:
//       keep it unless some kept one is nearer to it, by the factor of diversity, than the row is

/// <summary>Chooses among the rows near one those that it is linked to: near, and in different directions.</summary>
internal sealed unsafe class DiversePruning
{
    private const int Lanes = 4;

    private readonly RowCodes _codes;
    private readonly double _squaredDiversity;
    private readonly short[] _query;
    // The distance in the upper half, the row's number in the lower: NativeAOT sorts numbers faster than pairs.
    private long[] _candidates;
    private int _count;

    /// <param name="codes">The rows' codes.</param>
    /// <param name="diversity">The factor.</param>
    /// <param name="usualCandidates">How many there are of them at once, unless many rows of a batch are linked to the same one.</param>
    public DiversePruning(RowCodes codes, double diversity, int usualCandidates)
    {
        _codes = codes;
        _squaredDiversity = diversity * diversity;
        _query = GC.AllocateArray<short>(codes.Stride, pinned: true);
        _candidates = new long[usualCandidates];
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

    /// <summary>Adds rows with their distances from one of them.</summary>
    public void AddAll(int row, ReadOnlySpan<int> others)
    {
        fixed (short* query = _query)
        {
            Widen(_codes.Code(row), query, _codes.Stride);
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

    /// <summary>Writes the rows kept of those added, nearest first, and says how many there are.</summary>
    /// <param name="kept">Room for as many as may be kept.</param>
    public int Run(Span<int> kept)
    {
        Span<long> candidates = _candidates.AsSpan(0, _count);
        candidates.Sort();
        int count = 0;
        fixed (short* query = _query)
        {
            for (int i = 0; i < candidates.Length && count < kept.Length; i++)
            {
                // Of a heap of equal rows no one covers another. Half of the links are enough among them, the others lead out of it.
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

    /// <summary>A row's code as a query's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(sbyte* code, short* query, int stride)
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

        // Covered by a row at a distance of less than this, whole numbers.
        int limit = (int)Math.Min(int.MaxValue, Math.Ceiling(distance / _squaredDiversity));
        Vector128<int> limits = Vector128.Create(limit);
        Widen(_codes.Code(row), query, _codes.Stride);
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
