using System.Runtime.Intrinsics;

namespace SimNet.Index;

// Beam search (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small world
// graphs", 2016, algorithm 2; Subramanya et al., "DiskANN", 2019, algorithm 1), with distances between codes:
//
//   pool <- the entry point nearest to the query        (at most `effort` rows, sorted)
//   while the pool has an unexpanded row:
//     expand the two nearest such rows: pool <- the nearest `effort` of the pool and the rows linked to them
//   return the pool

/// <summary>Beam search in a graph, with distances between scalar-quantized codes.</summary>
internal static unsafe class BeamSearch
{
    private const int Lanes = 4;

    /// <summary>
    /// The number of rows expanded at once: the memory accesses for the links of both overlap. On 60,000 rows, a width of two is faster
    /// than one by a seventh; three is no faster.
    /// </summary>
    public const int BeamWidth = 2;

    /// <summary>Fills the candidate pool with the nearest rows found.</summary>
    /// <param name="codes">The codes of the rows.</param>
    /// <param name="links">The links of each row: <paramref name="maxDegree"/> row IDs.</param>
    /// <param name="maxDegree">The maximum number of links of a row. An invalid row ID ends the links of a row.</param>
    /// <param name="entries">The entry points.</param>
    /// <param name="query">The code of the query.</param>
    /// <param name="effort">The size of the pool (efSearch).</param>
    /// <param name="scratch">The buffers of the search.</param>
    public static void Run(
        ScalarQuantizedCodes codes, int* links, int maxDegree, in EntryPoints entries, short* query, int effort, GraphScratch scratch)
    {
        scratch.Begin(effort);
        CandidatePool pool = scratch.Pool;
        int entry = Nearest(codes, entries, query, out int distance);
        VisitedSet visited = scratch.Visited;
        visited.Add(entry);
        pool.Offer(entry, distance);
        int* newRows = scratch.NewRows;
        int bytes = codes.Stride;
        while (true)
        {
            int count = 0;
            for (int taken = 0; taken < BeamWidth && pool.TryTake(out int row); taken++)
            {
                int* linked = links + ((long)row * maxDegree);
                for (int i = 0; i < maxDegree; i++)
                {
                    int other = linked[i];
                    if ((uint)other >= (uint)codes.Count)
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
                Prefetch.Lines(codes.Code(newRows[i]), bytes);
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
                Vector128<int> distances = CodeDistanceKernel.Compute(
                    query,
                    codes.Code(newRows[i]),
                    codes.Code(newRows[i + 1]),
                    codes.Code(newRows[i + 2]),
                    codes.Code(newRows[i + 3]),
                    codes.Stride);
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

    /// <summary>The entry point nearest to a query; the first of several equally near ones.</summary>
    private static int Nearest(ScalarQuantizedCodes codes, in EntryPoints entries, short* query, out int distance)
    {
        int best = 0, last = entries.Count - 1, stride = codes.Stride;
        distance = int.MaxValue;
        for (int i = 0; i < entries.Count; i += Lanes)
        {
            sbyte* code = entries.Codes + ((long)i * stride);
            Vector128<int> distances = CodeDistanceKernel.Compute(
                query,
                code,
                entries.Codes + ((long)Math.Min(i + 1, last) * stride),
                entries.Codes + ((long)Math.Min(i + 2, last) * stride),
                entries.Codes + ((long)Math.Min(i + 3, last) * stride),
                stride);
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
