using System.Runtime.Intrinsics;

namespace SimNet.Index;

// Beam search (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small world
// graphs", 2016, algorithm 2; Subramanya et al., "DiskANN", 2019, algorithm 1), with distances between points:
//
//   pool <- the entry point nearest to the query        (at most `effort` rows, sorted)
//   while the pool has an unexpanded row:
//     expand the two nearest such rows: pool <- the nearest `effort` of the pool and the rows linked to them
//   return the pool

/// <summary>Beam search in a graph.</summary>
internal static unsafe class BeamSearch
{
    private const int Lanes = 4;

    /// <summary>
    /// The number of rows expanded at once: the memory accesses for the links of both overlap. On 60,000 rows, a width of two is faster
    /// than one by a seventh; three is no faster.
    /// </summary>
    public const int BeamWidth = 2;

    /// <summary>The number of bytes of a point to prefetch; the hardware prefetcher loads the rest.</summary>
    private const int MaxPrefetchedBytes = 1024;

    /// <summary>Fills the candidate pool with the nearest rows found.</summary>
    /// <param name="points">The points of the rows, and the query.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="scratch">The buffers of the search, begun with the size of the pool.</param>
    public static void Run<TPoints>(TPoints points, GraphLinks graph, GraphScratch scratch)
        where TPoints : struct, IGraphPoints<TPoints> =>
        Run(points, graph.Links, graph.Options.MaxDegree, graph.Entries, scratch);

    /// <summary>Fills the candidate pool with the nearest rows found.</summary>
    /// <param name="points">The points of the rows, and the query.</param>
    /// <param name="links">The links of each row: <paramref name="maxDegree"/> row IDs.</param>
    /// <param name="maxDegree">The maximum number of links of a row. An invalid row ID ends the links of a row.</param>
    /// <param name="entries">The entry points.</param>
    /// <param name="scratch">The buffers of the search, begun with the size of the pool.</param>
    public static void Run<TPoints>(TPoints points, int* links, int maxDegree, in EntryPoints entries, GraphScratch scratch)
        where TPoints : struct, IGraphPoints<TPoints>
    {
        CandidatePool pool = scratch.Pool;
        int entry = Nearest(points, entries, out int distance);
        VisitedSet visited = scratch.Visited;
        visited.Add(entry);
        pool.Offer(entry, distance);
        int* newRows = scratch.NewRows;
        int bytes = Math.Min(points.Bytes, MaxPrefetchedBytes);
        while (true)
        {
            int count = 0;
            for (int taken = 0; taken < BeamWidth && pool.TryTake(out int row); taken++)
            {
                int* linked = links + ((long)row * maxDegree);
                for (int i = 0; i < maxDegree; i++)
                {
                    int other = linked[i];
                    if ((uint)other >= (uint)points.Count)
                    {
                        break;
                    }

                    // Whether a row was visited is unpredictable, so no branch depends on it.
                    newRows[count] = other;
                    count += visited.Add(other) ? 1 : 0;
                }
            }

            for (int i = 0; i < count; i++)
            {
                Prefetch.Lines(points.Point(newRows[i]), bytes);
            }

            if (count == 0)
            {
                if (pool.IsExhausted)
                {
                    break;
                }

                continue;
            }

            for (int ahead = 0; ahead < BeamWidth; ahead++)
            {
                int next = pool.Peek(ahead);
                if (next >= 0)
                {
                    Prefetch.Lines(links + ((long)next * maxDegree), maxDegree * sizeof(int));
                }
            }

            // Complete the last group with copies of the last row.
            for (int i = 0; i < Lanes - 1; i++)
            {
                newRows[count + i] = newRows[count - 1];
            }

            for (int i = 0; i < count; i += Lanes)
            {
                Vector128<int> distances = points.Compute(
                    points.Point(newRows[i]),
                    points.Point(newRows[i + 1]),
                    points.Point(newRows[i + 2]),
                    points.Point(newRows[i + 3]));
                if (!Vector128.LessThanAny(distances, Vector128.Create(pool.Limit)))
                {
                    continue;
                }

                int lanes = Math.Min(Lanes, count - i);
                for (int lane = 0; lane < lanes; lane++)
                {
                    pool.Offer(newRows[i + lane], distances[lane]);
                }
            }
        }
    }

    /// <summary>The entry point nearest to the query; the first of several equally near ones.</summary>
    private static int Nearest<TPoints>(TPoints points, in EntryPoints entries, out int distance)
        where TPoints : struct, IGraphPoints<TPoints>
    {
        int best = 0, last = entries.Count - 1, bytes = points.Bytes;
        distance = int.MaxValue;
        for (int i = 0; i < entries.Count; i += Lanes)
        {
            byte* point = entries.Points + ((long)i * bytes);
            Vector128<int> distances = points.Compute(
                point,
                entries.Points + ((long)Math.Min(i + 1, last) * bytes),
                entries.Points + ((long)Math.Min(i + 2, last) * bytes),
                entries.Points + ((long)Math.Min(i + 3, last) * bytes));
            if (Vector128.LessThanAny(distances, Vector128.Create(distance)))
            {
                for (int lane = 0; lane < Lanes; lane++)
                {
                    if (distances[lane] < distance)
                    {
                        distance = distances[lane];
                        best = Math.Min(i + lane, last);
                    }
                }
            }
        }

        return entries.Rows[best];
    }
}
