using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

// RobustPrune (Subramanya et al., "DiskANN: fast accurate billion-point nearest neighbor search on a single node", 2019, algorithm 2), in
// two passes:
//
//   prune(row, candidates, alpha, R):
//     kept <- {}
//     for factor in 1, alpha:
//       for each candidate not kept, nearest first, until R are kept:
//         keep it unless a kept row is nearer to it, by the factor, than the row is
//
// With alpha alone, the rows of a cluster do not prune each other, since all distances in it are about equal. They fill all links, and no
// link leads out: of 20,000 rows in groups of 40, a search finds 0.7 of the neighbors at any effort. The first pass selects rows in all
// directions and leaves room for those of other clusters; the second fills the rest. A search then finds all of them.

/// <summary>Selects the links of a row from its candidates: near ones in different directions.</summary>
internal sealed unsafe class RobustPrune<TPoints>(TPoints points, double alpha, int initialCapacity)
    where TPoints : struct, IGraphPoints<TPoints>
{
    private const int Lanes = 4;

    /// <summary>Replaces a candidate that is kept.</summary>
    private const long Taken = -1;

    // The distance in the upper half, the row in the lower: NativeAOT sorts integers faster than pairs.
    private long[] _candidates = new long[initialCapacity];
    private int _count;

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
        points.SetQuery(points.Point(row));
        for (int i = 0; i < others.Length; i += Lanes)
        {
            Vector128<int> distances = Compute(others, i);
            for (int lane = 0; lane < Math.Min(Lanes, others.Length - i); lane++)
            {
                Add(others[i + lane], distances[lane]);
            }
        }
    }

    /// <summary>Writes the selected rows and returns their number.</summary>
    /// <param name="kept">Receives the rows; its length is the maximum degree.</param>
    public int Run(Span<int> kept)
    {
        Span<long> candidates = _candidates.AsSpan(0, _count);
        candidates.Sort();
        candidates = candidates[..RemoveRepeated(candidates)];
        int count = 0;
        AddUncovered(candidates, 1, kept, ref count);
        if (alpha > 1)
        {
            AddUncovered(candidates, alpha, kept, ref count);
        }

        return count;
    }

    private static int RemoveRepeated(Span<long> candidates)
    {
        int count = 0;
        foreach (long candidate in candidates)
        {
            if (count == 0 || candidate != candidates[count - 1])
            {
                candidates[count++] = candidate;
            }
        }

        return count;
    }

    private void AddUncovered(Span<long> candidates, double factor, Span<int> kept, ref int count)
    {
        for (int i = 0; i < candidates.Length && count < kept.Length; i++)
        {
            if (candidates[i] == Taken)
            {
                continue;
            }

            // Among equal rows, none prunes another. At most half of the links go to equal rows; the others lead out of the cluster.
            int distance = (int)(candidates[i] >> 32), row = (int)candidates[i];
            if ((distance > 0 || count < kept.Length / 2) && !IsCovered(row, distance, kept[..count], factor))
            {
                kept[count++] = row;
                candidates[i] = Taken;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool IsCovered(int row, int distance, ReadOnlySpan<int> kept, double factor)
    {
        if (kept.IsEmpty)
        {
            return false;
        }

        // A kept row at a smaller distance than this prunes the candidate.
        Vector128<int> limits = Vector128.Create(points.Divide(distance, factor));
        points.SetQuery(points.Point(row));
        for (int i = 0; i < kept.Length; i += Lanes)
        {
            if (Vector128.LessThanAny(Compute(kept, i), limits))
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> Compute(ReadOnlySpan<int> rows, int first)
    {
        int last = rows.Length - 1;
        return points.Compute(
            points.Point(rows[first]),
            points.Point(rows[Math.Min(first + 1, last)]),
            points.Point(rows[Math.Min(first + 2, last)]),
            points.Point(rows[Math.Min(first + 3, last)]));
    }
}
