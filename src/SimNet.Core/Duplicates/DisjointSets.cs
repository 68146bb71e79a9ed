namespace SimNet.Core;

/// <summary>
/// A disjoint-set forest (Galler and Fischer, 1964) over the numbers below <paramref name="count"/>. The representative of a set is its
/// smallest member, in whatever order sets are united.
/// </summary>
internal sealed class DisjointSets(int count)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, count)];

    /// <summary>Returns the representative of the set that contains a number.</summary>
    public int Find(int member)
    {
        while (_parents[member] != member)
        {
            // Path halving keeps the trees flat.
            member = _parents[member] = _parents[_parents[member]];
        }

        return member;
    }

    /// <summary>Unites the sets that contain two numbers.</summary>
    public void Union(int one, int other)
    {
        (one, other) = (Find(one), Find(other));
        _parents[Math.Max(one, other)] = Math.Min(one, other);
    }
}
