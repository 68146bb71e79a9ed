namespace SimNet.Index;

// A search starts at the entry point nearest to the query, whichever that is, so it can find every row only if each row is reachable from
// each other one: the graph must be strongly connected. RobustPrune makes that likely, but does not ensure it: a row may lose all links
// that lead to it, and a cluster all that lead out. With r the first entry point:
//
//   until all rows are reachable from r and r from all rows:
//     for each row x that is not reachable from r:    link to x the nearest row that is
//     for each row x from which r is not reachable:   link x to the nearest row from which it is
//
// A link added replaces the last one of a row without a free place, which may cut off another row; hence the repetition. Added links are
// never replaced, so it ends.

/// <summary>Adds links to a graph until it is strongly connected.</summary>
/// <param name="links">The links of each row: <paramref name="maxDegree"/> row IDs, with <see cref="GraphLinks.None"/> at the end.</param>
/// <param name="count">The number of rows; at least 1.</param>
/// <param name="maxDegree">The maximum number of links of a row.</param>
/// <param name="root">The row from which and to which all others are connected.</param>
/// <param name="search">Finds rows near a row that are reachable from the root, nearest first.</param>
/// <param name="cancellationToken">Checked every few thousand rows.</param>
internal sealed unsafe class GraphConnector(
    int* links, int count, int maxDegree, int root, Func<int, CandidatePool> search, CancellationToken cancellationToken)
{
    private const int RowsPerCheck = 1 << 14;

    /// <summary>
    /// The number of its own links that a row may lose. With inner product, the rows with the largest norms are near to thousands of rows
    /// that nothing leads to, and are on the way of every search.
    /// </summary>
    private const int MaxReplaced = 2;

    private readonly HashSet<(int From, int To)> _added = [];
    private readonly bool[] _isReached = new bool[count];
    private readonly Stack<int> _open = new();
    private int _visits;

    /// <summary>The number of links added.</summary>
    public int AddedCount => _added.Count;

    /// <summary>Links a row with the nearest one found that may lose a link; with none if there is no such row.</summary>
    /// <returns>The row to which the link led that was replaced; <see cref="GraphLinks.None"/> if none was.</returns>
    public int AddLinkTo(int row, CandidatePool found)
    {
        for (int place = 0; place < found.Count; place++)
        {
            int other = found.Row(place);
            if (other != row && MayHold(other) && !UsedLinksOf(other).Contains(row))
            {
                return Link(other, row);
            }
        }

        return GraphLinks.None;
    }

    /// <summary>Adds links until the graph is strongly connected.</summary>
    public void Connect()
    {
        int before;
        do
        {
            before = _added.Count;
            ConnectFromRoot();
            ConnectToRoot();
        }
        while (_added.Count > before);
    }

    private Span<int> LinksOf(int row) => new(links + ((long)row * maxDegree), maxDegree);

    private ReadOnlySpan<int> UsedLinksOf(int row)
    {
        Span<int> all = LinksOf(row);
        int end = all.IndexOf(GraphLinks.None);
        return end < 0 ? all : all[..end];
    }

    private void ConnectFromRoot()
    {
        Array.Clear(_isReached);
        Reach(root, UsedLinksOf);
        for (int row = 0; row < count; row++)
        {
            if (!_isReached[row])
            {
                Link(FindReached(row, mustHold: true), row);
                Reach(row, UsedLinksOf);
            }
        }
    }

    private void ConnectToRoot()
    {
        Array.Clear(_isReached);
        using var memory = new IndexMemory();
        (long[] starts, nint sources) = ReverseLinks(memory);
        Reach(root, Sources);
        for (int row = 0; row < count; row++)
        {
            if (!_isReached[row])
            {
                if (AddedLinksOf(row) == maxDegree)
                {
                    // All of its links are added ones. One of them leads to a row that is linked in this loop or the next.
                    continue;
                }

                Link(row, FindReached(row, mustHold: false));
                Reach(row, Sources);
            }
        }

        ReadOnlySpan<int> Sources(int row) => new((int*)sources + starts[row], (int)(starts[row + 1] - starts[row]));
    }

    /// <summary>The rows that link to each row: those of row x from <c>Starts[x]</c> to <c>Starts[x + 1]</c>.</summary>
    private (long[] Starts, nint Sources) ReverseLinks(IndexMemory memory)
    {
        var starts = new long[count + 1];
        for (int row = 0; row < count; row++)
        {
            foreach (int other in UsedLinksOf(row))
            {
                starts[other + 1]++;
            }
        }

        for (int row = 0; row < count; row++)
        {
            starts[row + 1] += starts[row];
        }

        int* sources = memory.Allocate<int>(starts[count]);
        long[] next = [.. starts];
        for (int row = 0; row < count; row++)
        {
            CheckCancellation();
            foreach (int other in UsedLinksOf(row))
            {
                sources[next[other]++] = row;
            }
        }

        return (starts, (nint)sources);
    }

    private delegate ReadOnlySpan<int> Neighbors(int row);

    /// <summary>Marks a row and all that can be reached from it.</summary>
    private void Reach(int from, Neighbors neighbors)
    {
        _open.Push(from);
        while (_open.TryPop(out int row))
        {
            if (_isReached[row])
            {
                continue;
            }

            CheckCancellation();
            _isReached[row] = true;
            foreach (int other in neighbors(row))
            {
                if (!_isReached[other])
                {
                    _open.Push(other);
                }
            }
        }
    }

    /// <summary>The nearest row found that is marked; the first marked one of all rows if none is found.</summary>
    /// <param name="row">The row to search for.</param>
    /// <param name="mustHold">Whether the row that is returned gets a link.</param>
    private int FindReached(int row, bool mustHold)
    {
        CandidatePool pool = search(row);
        for (int place = 0; place < pool.Count; place++)
        {
            int other = pool.Row(place);
            if (other != row && _isReached[other] && (!mustHold || MayHold(other)))
            {
                return other;
            }
        }

        for (int other = 0; other < count; other++)
        {
            if (other != row && _isReached[other] && (!mustHold || AddedLinksOf(other) < maxDegree))
            {
                return other;
            }
        }

        throw new InvalidOperationException($"No row of {count} can be linked with row {row}.");
    }

    /// <summary>Whether a row has room for a link, or has lost few links to added ones.</summary>
    private bool MayHold(int row) => LinksOf(row)[^1] == GraphLinks.None || AddedLinksOf(row) < MaxReplaced;

    private int AddedLinksOf(int row)
    {
        int added = 0;
        foreach (int other in UsedLinksOf(row))
        {
            added += _added.Contains((row, other)) ? 1 : 0;
        }

        return added;
    }

    /// <summary>Adds a link, in place of the last one that is not added itself if there is no room.</summary>
    /// <returns>The row to which the replaced link led; <see cref="GraphLinks.None"/> if there was room.</returns>
    private int Link(int from, int to)
    {
        Span<int> all = LinksOf(from);
        int place = all.IndexOf(GraphLinks.None);
        if (place < 0)
        {
            place = maxDegree - 1;
            while (_added.Contains((from, all[place])))
            {
                place--;
            }
        }

        int replaced = all[place];
        all[place] = to;
        _added.Add((from, to));
        return replaced;
    }

    private void CheckCancellation()
    {
        if (++_visits % RowsPerCheck == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
