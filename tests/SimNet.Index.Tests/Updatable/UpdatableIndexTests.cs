using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Index.Tests;

public sealed class UpdatableIndexTests
{
    private const int Dimensions = 6;

    public static TheoryData<string, Metric> BuiltKinds()
    {
        var kinds = new TheoryData<string, Metric>();
        foreach (string kind in InputValidationTests.AllKinds.Where(kind => !kind.StartsWith("updatable", StringComparison.Ordinal)))
        {
            foreach (Metric metric in TestData.Metrics)
            {
                kinds.Add(kind, metric);
            }
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(BuiltKinds))]
    public void Answers_equal_those_of_an_index_of_the_remaining_vectors(string kind, Metric metric)
    {
        var operations = Gen.Frequency(
            (8, Gen.Constant(Operation.Add)),
            (6, Gen.Constant(Operation.Remove)),
            (2, Gen.Constant(Operation.RemoveMany)),
            (2, Gen.Constant(Operation.RemoveAddedLast)),
            (1, Gen.Constant(Operation.RemoveAll)),
            (2, Gen.Constant(Operation.Compact)),
            (2, Gen.Constant(Operation.SaveAndOpen)));
        Arbitrary<Case> cases = (
            from seed in Gen.Choose(0, 1_000_000)
            from built in Gen.Choose(0, 60)
            from hasTies in Gen.Elements(false, true)
            from done in Gen.ListOf(operations)
            select new Case(seed, built, hasTies, [.. done])).ToArbitrary();
        Prop.ForAll(cases, test => Run(test, kind, metric)).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    [Theory]
    [MemberData(nameof(BuiltKinds))]
    public async Task A_compacted_index_equals_that_of_a_first_build(string kind, Metric metric)
    {
        using var folder = new TemporaryFolder();
        float[] vectors = TestData.Clustered(500, Dimensions, 20, 1);
        using UpdatableIndex index = Build(kind, vectors[..(300 * Dimensions)], metric);
        for (int row = 300; row < 500; row++)
        {
            index.Add(TestData.Row(vectors, Dimensions, row));
        }

        // Several rounds, because a vector that is normalized again each time would drift.
        float[] left = vectors;
        int[] ids = [.. Enumerable.Range(0, 500)];
        for (int round = 0; round < 3; round++)
        {
            foreach (int id in ids.Where(id => id % 7 == round))
            {
                Assert.True(index.Remove(id));
            }

            ids = [.. ids.Where(id => id % 7 != round)];
            left = [.. ids.SelectMany(id => TestData.Row(vectors, Dimensions, id).ToArray())];
            await index.CompactAsync();
            Assert.Equal((ids.Length, 500, 0), (index.Count, index.IdLimit, index.ChangeCount));
            index.State.Built.Save(folder.File("compacted"));
            using IVectorIndex first = InputValidationTests.Build(kind, left, Dimensions, metric);
            first.Save(folder.File("first"));
            Assert.Equal(File.ReadAllBytes(folder.File("first")), File.ReadAllBytes(folder.File("compacted")));
        }
    }

    [Theory]
    [MemberData(nameof(BuiltKinds))]
    public async Task A_search_of_changed_IDs_allocates_no_managed_memory(string kind, Metric metric)
    {
        using UpdatableIndex index = Build(kind, TestData.Clustered(1500, Dimensions, 20, 1), metric);
        index.Remove(10);
        await index.CompactAsync();
        index.Remove(20);
        for (int i = 0; i < 50; i++)
        {
            index.Add(TestData.Clustered(1, Dimensions, 20, i));
        }

        index.Remove(1520);
        float[] query = TestData.Clustered(1, Dimensions, 20, 2);
        var results = new Neighbor[20];
        Func<int, bool> filter = id => id % 2 == 0;
        RowSet few = RowSet.Where(index.IdLimit, id => id % 60 == 0), many = RowSet.Where(index.IdLimit, filter);
        long least = long.MaxValue;
        for (int round = 0; round < 10 && least > 0; round++)
        {
            Search();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20; i++)
            {
                Search();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);

        void Search()
        {
            index.Search(query, results);
            index.Search(query, results, new SearchOptions { Filter = filter });
            index.Search(query, results, new SearchOptions { Rows = few });
            index.Search(query, results, new SearchOptions { Rows = many, Filter = filter });
        }
    }

    [Theory]
    [MemberData(nameof(BuiltKinds))]
    public async Task A_filter_is_called_only_for_existing_IDs(string kind, Metric metric)
    {
        using UpdatableIndex index = Build(kind, TestData.Clustered(700, Dimensions, 20, 1), metric);
        index.Remove(10);
        await index.CompactAsync();
        index.Remove(640);
        index.Add(new float[Dimensions]);
        index.Add(new float[Dimensions]);
        index.Remove(700);
        foreach (RowSet? rows in (RowSet?[])[null, RowSet.Where(800, id => id % 64 == 0), RowSet.Where(800, id => id % 2 == 0)])
        {
            var asked = new List<int>();
            bool Filter(int id)
            {
                asked.Add(id);
                return true;
            }

            TestData.Search(index, new float[Dimensions], 10, new SearchOptions { Filter = Filter, Rows = rows, SearchEffort = 700 });
            Assert.All(asked, id => Assert.True(id is >= 0 and <= 701 and not 10 and not 640 and not 700 && rows?.Contains(id) != false));
            Assert.NotEmpty(asked);
        }
    }

    [Fact]
    public void An_updatable_index_can_start_empty()
    {
        using var index = new UpdatableIndex(ExactIndex.Build([], 2, Metric.Euclidean));
        Assert.Equal((0, 0), (index.Count, index.IdLimit));
        Assert.Equal(0, index.Add([3, 4]));
        Assert.Equal(1, index.Add([0, 1]));
        Assert.Equal([new Neighbor(1, 1), new Neighbor(0, 5)], TestData.Search(index, [0, 0], 5));
    }

    [Fact]
    public async Task IDs_are_never_reused()
    {
        using var folder = new TemporaryFolder();
        var index = new UpdatableIndex(ExactIndex.Build([1, 2, 3], 1, Metric.Euclidean));
        Assert.Equal(3, index.Add([4]));
        Assert.True(index.Remove(3));
        Assert.True(index.Remove(2));
        Assert.False(index.Remove(3));
        Assert.False(index.Remove(4));
        Assert.False(index.Remove(-1));
        Assert.False(index.Remove(int.MaxValue));
        await index.CompactAsync();
        Assert.False(index.Remove(2));
        Assert.Equal(4, index.Add([5]));
        Assert.True(index.Remove(4));
        index.Save(folder.File("index"));
        index.Dispose();
        using var opened = (UpdatableIndex)VectorIndex.Open(folder.File("index"));
        await opened.CompactAsync();
        Assert.Equal(5, opened.Add([6]));
        Assert.Equal([new Neighbor(0, 1), new Neighbor(1, 2), new Neighbor(5, 6)], TestData.Search(opened, [0], 9));
    }

    [Fact]
    public void A_removed_vector_cannot_be_read()
    {
        using var index = new UpdatableIndex(ExactIndex.Build([1, 2, 3], 1, Metric.Euclidean));
        index.Add([4]);
        index.Remove(1);
        index.Remove(3);
        Assert.Equal([3], TestData.Vector(index, 2));
        foreach (int id in (int[])[1, 3, 4, -1, int.MinValue, int.MaxValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => TestData.Vector(index, id));
        }
    }

    [Fact]
    public void An_invalid_vector_is_rejected_and_takes_no_ID()
    {
        using var index = new UpdatableIndex(ExactIndex.Build([1, 2, 3, 4], 2, Metric.Cosine));
        Assert.Contains(
            "vector, column 1 is NaN", Assert.Throws<ArgumentException>(() => index.Add([1, float.NaN])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "norm 1.41e+19", Assert.Throws<ArgumentException>(() => index.Add([1e19f, 1e19f])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "has 3 dimensions; the index has 2",
            Assert.Throws<ArgumentException>(() => index.Add([1, 2, 3])).Message,
            StringComparison.Ordinal);
        Assert.Equal((2, 2), (index.Count, index.IdLimit));
        Assert.Equal(2, index.Add([1, 2]));
    }

    [Fact]
    public void Only_a_built_index_can_be_updated()
    {
        using var index = new UpdatableIndex(ExactIndex.Build([1, 2], 1, Metric.Euclidean));
        Assert.Throws<ArgumentException>(() => new UpdatableIndex(index));
        Assert.Throws<ArgumentNullException>(() => new UpdatableIndex((IVectorIndex)null!));
    }

    [Fact]
    public void A_foreign_index_can_be_searched_but_is_rejected_by_type()
    {
        using var foreign = new ForeignIndex();
        var options = new SearchOptions { Rows = RowSet.Where(1, _ => true), Filter = row => row == 0 };
        Assert.Equal([new Neighbor(0, 2)], TestData.Search(foreign, [5], 3, options));
        Assert.Empty(TestData.Search(foreign, [5], 3, new SearchOptions { Rows = new RowSet(1) }));
        Assert.Equal(1, ((IVectorIndex)foreign).IdLimit);
        string message = Assert.Throws<ArgumentException>("index", () => new UpdatableIndex(foreign)).Message;
        Assert.Contains(nameof(ForeignIndex), message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BuiltKinds))]
    public async Task A_failed_or_canceled_compaction_changes_nothing(string kind, Metric metric)
    {
        using UpdatableIndex index = Build(kind, TestData.Clustered(300, Dimensions, 20, 1), metric);
        index.Remove(5);
        index.Add(TestData.Clustered(1, Dimensions, 20, 2));
        UpdatableState before = index.State;
        using var canceled = new CancellationTokenSource();
        await Assert.ThrowsAsync<TimeoutException>(() => index.CompactAsync(new Immediate(_ => throw new TimeoutException())));
        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => index.CompactAsync(null, new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => index.CompactAsync(new Immediate(_ =>
        {
            canceled.Cancel();
            canceled.Token.ThrowIfCancellationRequested();
        }), canceled.Token));
        Assert.True(exception.CancellationToken.IsCancellationRequested);
        Assert.Same(before, index.State);
        await index.CompactAsync();
        Assert.Equal(0, index.ChangeCount);
        Assert.Equal(300, TestData.Search(index, new float[Dimensions], 400, new SearchOptions { SearchEffort = 400 }).Length);
    }

    [Theory]
    [MemberData(nameof(BuiltKinds))]
    public async Task Changes_during_a_compaction_are_kept(string kind, Metric metric)
    {
        float[] vectors = TestData.Clustered(400, Dimensions, 20, 1);
        using UpdatableIndex index = Build(kind, vectors[..(200 * Dimensions)], metric);
        AddRows(200, 300);
        Assert.True(index.Remove(3) && index.Remove(250));
        int reports = 0;
        await index.CompactAsync(new Immediate(_ =>
        {
            if (reports++ == 0)
            {
                // Removes rows of the built index, rows added before, and rows added now.
                AddRows(300, 400);
                Assert.True(index.Remove(4) && index.Remove(251) && index.Remove(350));
                Assert.False(index.Remove(3) || index.Remove(250));
                Assert.Equal(395, index.Count);
            }
        }));
        Assert.Equal((395, 102), (index.Count, index.ChangeCount));
        CheckAll();
        await index.CompactAsync();
        Assert.Equal((395, 0), (index.Count, index.ChangeCount));
        CheckAll();

        void AddRows(int start, int end)
        {
            for (int row = start; row < end; row++)
            {
                Assert.Equal(row, index.Add(TestData.Row(vectors, Dimensions, row)));
            }
        }

        void CheckAll()
        {
            int[] left = [.. Enumerable.Range(0, 400).Except([3, 4, 250, 251, 350])];
            Assert.Equal(left, index.SearchRange(new float[Dimensions], float.PositiveInfinity).Select(found => found.Id).Order());
            using ExactIndex given = ExactIndex.Build(vectors, Dimensions, metric);
            Assert.All(left, id => Assert.Equal(TestData.Vector(given, id), TestData.Vector(index, id)));
        }
    }

    [Fact]
    public async Task Compactions_take_turns_and_an_idle_one_keeps_the_index()
    {
        using UpdatableIndex index = Build("forest", TestData.Clustered(300, Dimensions, 20, 1), Metric.Euclidean);
        index.Remove(1);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => index.CompactAsync()));
        UpdatableState after = index.State;
        Assert.Equal(0, index.ChangeCount);
        var shares = new List<double>();
        await index.CompactAsync(new Immediate(shares.Add));
        Assert.Same(after, index.State);
        Assert.Equal([1], shares);
    }

    [Fact]
    public async Task Disposing_ends_a_running_compaction()
    {
        UpdatableIndex index = Build("forest", TestData.Clustered(300, Dimensions, 20, 1), Metric.Euclidean);
        index.Remove(1);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => index.CompactAsync(new Immediate(_ => index.Dispose())));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => index.CompactAsync());
        Assert.Throws<ObjectDisposedException>(() => index.Add(new float[Dimensions]));
        Assert.Throws<ObjectDisposedException>(() => index.Remove(2));
        Assert.Throws<ObjectDisposedException>(() => index.State.Built.Search(new float[Dimensions], new Neighbor[1]));
    }

    [Fact]
    public void The_old_index_is_freed_after_its_last_search()
    {
        using UpdatableIndex index = Build("exact", TestData.Clustered(300, Dimensions, 20, 1), Metric.Euclidean);
        IVectorIndex old = index.State.Built;
        index.Remove(0);
        int calls = 0;
        var inside = new SearchOptions
        {
            Filter = id =>
            {
                if (calls++ == 0)
                {
                    // The index changes during the search, which continues with the state that it started with.
                    index.CompactAsync().GetAwaiter().GetResult();
                    index.Remove(299);
                    Assert.NotSame(old, index.State.Built);
                    Assert.Equal(Dimensions, TestData.Vector(old, 299).Length);
                }

                return id == 299;
            },
        };
        Assert.Equal([299], TestData.Search(index, new float[Dimensions], 10, inside).Select(found => found.Id));
        Assert.Throws<ObjectDisposedException>(() => TestData.Vector(old, 299));
        Assert.Equal(298, TestData.Search(index, new float[Dimensions], 400).Length);
    }

    private static UpdatableIndex Build(string kind, float[] vectors, Metric metric) =>
        new(InputValidationTests.Build(kind, vectors, Dimensions, metric));

    private static void Run(Case test, string kind, Metric metric)
    {
        using var folder = new TemporaryFolder();
        var random = new SeededRandom(test.Seed);
        float[] vectors = Vectors(test.Built, test.Seed);
        var model = new SortedDictionary<int, float[]>();
        for (int row = 0; row < test.Built; row++)
        {
            model.Add(row, TestData.Row(vectors, Dimensions, row).ToArray());
        }

        int nextId = test.Built;
        UpdatableIndex index = Build(kind, vectors, metric);
        try
        {
            for (int step = 0; step < test.Operations.Length; step++)
            {
                switch (test.Operations[step])
                {
                    case Operation.Add:
                        float[] vector = Vectors(1, test.Seed + 1000 + step);
                        Assert.Equal(nextId, index.Add(vector));
                        model.Add(nextId++, vector);
                        break;
                    case Operation.Remove:
                        Remove(random.NextInt32(nextId + 3) - 1);
                        break;
                    case Operation.RemoveMany:
                        foreach (int id in model.Keys.Where(_ => random.NextInt32(3) == 0).ToArray())
                        {
                            Remove(id);
                        }

                        break;
                    case Operation.RemoveAddedLast:
                        Remove(nextId - 1);
                        break;
                    case Operation.RemoveAll:
                        model.Keys.ToList().ForEach(Remove);
                        break;
                    case Operation.Compact:
                        index.CompactAsync().GetAwaiter().GetResult();
                        Assert.Equal(0, index.ChangeCount);
                        break;
                    default:
                        string path = folder.File($"index{step}");
                        index.Save(path);
                        index.Dispose();
                        index = (UpdatableIndex)VectorIndex.Open(path, new IndexOpenOptions { VerifyContents = step % 2 == 0 });
                        index.Save(folder.File("again"));
                        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(folder.File("again")));
                        break;
                }

                Assert.Equal((model.Count, nextId), (index.Count, index.IdLimit));
                CheckAnswers(step);
            }
        }
        finally
        {
            index.Dispose();
        }

        float[] Vectors(int count, int seed) => test.HasTies
            ? TestData.Integers(count, Dimensions, seed)
            : TestData.Gaussian(count, Dimensions, seed);

        void Remove(int id) => Assert.Equal(model.Remove(id), index.Remove(id));

        void CheckAnswers(int step)
        {
            int[] ids = [.. model.Keys];
            float[] query = Vectors(1, test.Seed + 5000 + step);
            using ExactIndex naive = ExactIndex.Build([.. model.Values.SelectMany(vector => vector)], Dimensions, metric);
            int wanted = random.NextInt32(ids.Length + 3);
            int divisor = 1 + random.NextInt32(5);
            Func<int, bool> rule = id => id % divisor == 0;
            (Func<int, bool>? Filter, RowSet? Rows)[] filters =
            [
                (null, null),
                (rule, null),
                (null, RowSet.Where(index.IdLimit, rule)),
                (rule, RowSet.Where(index.IdLimit, id => id % 64 == 0)),
            ];
            foreach ((Func<int, bool>? filter, RowSet? rows) in filters)
            {
                bool Allows(int id) => filter?.Invoke(id) != false && rows?.Contains(id) != false;
                Neighbor[] Expected(IEnumerable<Neighbor> found) => [.. found.Select(neighbor => neighbor with { Id = ids[neighbor.Id] })];
                var options = new SearchOptions { Filter = filter, Rows = rows, SearchEffort = model.Count + 1 };
                var expectedOptions = new SearchOptions { Filter = row => Allows(ids[row]) };
                Neighbor[] expected = Expected(TestData.Search(naive, query, wanted, expectedOptions));
                Assert.Equal(expected, TestData.Search(index, query, wanted, options));
                Assert.Equal(
                    [expected, expected],
                    index.SearchBatch((float[])[.. query, .. query], wanted, new BatchSearchOptions { Search = options, MaxThreads = 1 }));
                float radius = expected.Length == 0 ? 0.5f : expected[^1].Distance;
                Assert.Equal(Expected(naive.SearchRange(query, radius, expectedOptions)), index.SearchRange(query, radius, options));
            }

            foreach (int id in ids.Where(_ => random.NextInt32(4) == 0))
            {
                Assert.Equal(TestData.Vector(naive, Array.BinarySearch(ids, id)), TestData.Vector(index, id));
            }
        }
    }

    internal enum Operation
    {
        Add,
        Remove,
        RemoveMany,
        RemoveAddedLast,
        RemoveAll,
        Compact,
        SaveAndOpen,
    }

    internal sealed record Case(int Seed, int Built, bool HasTies, Operation[] Operations)
    {
        public override string ToString() => $"seed {Seed}, {Built} built, ties {HasTies}: {string.Join(", ", Operations)}";
    }

    /// <summary>An implementation of the public interface outside the library: one vector of one dimension, [3].</summary>
    private sealed class ForeignIndex : IVectorIndex
    {
        public int Count => 1;

        public int Dimensions => 1;

        public Metric Metric => Metric.Euclidean;

        public string Kind => "foreign";

        public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, SearchOptions options = default)
        {
            if (results.IsEmpty || !options.Allows(0))
            {
                return 0;
            }

            results[0] = new Neighbor(0, MathF.Abs(query[0] - 3));
            return 1;
        }

        public Neighbor[] SearchRange(ReadOnlySpan<float> query, float radius, SearchOptions options = default) =>
            throw new NotSupportedException();

        public Neighbor[][] SearchBatch(
            ReadOnlyMemory<float> queries, int count, BatchSearchOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public void GetVector(int id, Span<float> destination) => destination[0] = 3;

        public void Save(string path) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    private sealed class Immediate(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
