namespace SimNet.Core;

/// <summary>Numbers in sets that are joined bit by bit (Galler and Fischer, 1964). A set's name is its least member, whatever the order of joining.</summary>
internal sealed class DisjointSets(int count)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, count)];

    public int Find(int member)
    {
        while (_parents[member] != member)
        {
            // Halving the path keeps it short for the next who comes.
            member = _parents[member] = _parents[_parents[member]];
        }

        return member;
    }

    public void Join(int one, int other)
    {
        (one, other) = (Find(one), Find(other));
        _parents[Math.Max(one, other)] = Math.Min(one, other);
    }
}
