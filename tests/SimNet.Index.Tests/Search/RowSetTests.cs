using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Index.Tests;

public sealed class RowSetTests
{
    private static readonly Arbitrary<Case> Cases = (
        from capacity in Gen.OneOf(Gen.Choose(0, 5), Gen.Choose(60, 70), Gen.Choose(120, 300))
        from changes in Gen.ListOf(Gen.Choose(0, Math.Max(0, (2 * capacity) - 1)))
        select new Case(capacity, capacity == 0 ? [] : [.. changes])).ToArbitrary();

    [Fact]
    public void A_row_set_behaves_like_a_hash_set()
    {
        Prop.ForAll(Cases, test =>
        {
            var set = new RowSet(test.Capacity);
            var expected = new HashSet<int>();
            foreach (int change in test.Changes)
            {
                // Numbers below the capacity are added, those above are removed.
                int row = change % test.Capacity;
                Assert.Equal(
                    change < test.Capacity ? expected.Add(row) : expected.Remove(row),
                    change < test.Capacity ? set.Add(row) : set.Remove(row));
                Assert.Equal(expected.Count, set.Count);
            }

            Check(set, expected, test.Capacity);
            set.Clear();
            Check(set, [], test.Capacity);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Where_calls_the_predicate_once_per_row()
    {
        var asked = new List<int>();
        RowSet set = RowSet.Where(200, row =>
        {
            asked.Add(row);
            return row % 3 == 0;
        });
        Check(set, [.. Enumerable.Range(0, 200).Where(row => row % 3 == 0)], 200);
        Assert.Equal(Enumerable.Range(0, 200), asked);
    }

    [Fact]
    public void Rows_outside_the_capacity_are_rejected()
    {
        foreach (int capacity in (int[])[0, 1, 63, 64, 65])
        {
            RowSet set = RowSet.Where(capacity, _ => true);
            foreach (int row in (int[])[-1, -64, capacity, capacity + 64, int.MinValue, int.MaxValue])
            {
                Assert.False(set.Contains(row));
                Assert.Throws<ArgumentOutOfRangeException>(() => set.Add(row));
                Assert.Throws<ArgumentOutOfRangeException>(() => set.Remove(row));
            }

            Assert.Equal(capacity, set.Count);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new RowSet(-1));
        Assert.Throws<ArgumentNullException>(() => RowSet.Where(3, null!));
    }

    private static void Check(RowSet set, HashSet<int> expected, int capacity)
    {
        Assert.Equal(expected.Count, set.Count);
        Assert.Equal(expected.Order(), Enumerable.Range(0, capacity).Where(set.Contains));

        var walked = new List<int>();
        for (int row = set.Next(0); row >= 0; row = set.Next(row + 1))
        {
            walked.Add(row);
        }

        Assert.Equal(expected.Order(), walked);
        Assert.Equal(-1, set.Next(capacity));
    }

    internal sealed record Case(int Capacity, int[] Changes);
}
