namespace SimNet.Index.Tests;

public sealed class ConcurrencyTests
{
    private const int Dimensions = 24;

    public static TheoryData<string, bool> KindsInMemoryAndMapped()
    {
        var cases = new TheoryData<string, bool>();
        foreach (string kind in InputValidationTests.AllKinds)
        {
            cases.Add(kind, false);
            cases.Add(kind, true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.KindNames), MemberType = typeof(InputValidationTests))]
    public void Eight_threads_find_what_one_thread_finds(string kind)
    {
        float[] queries = TestData.Clustered(64, Dimensions, 20, 2);
        using IVectorIndex index = InputValidationTests.Build(kind, TestData.Clustered(2000, Dimensions, 20, 1), Dimensions, Metric.Cosine);
        Neighbor[][] expected =
            [.. Enumerable.Range(0, 64).Select(query => TestData.Search(index, TestData.Row(queries, Dimensions, query), 10))];
        var failures = new List<string>();
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(number => new Thread(() =>
        {
            for (int round = 0; round < 150; round++)
            {
                int query = ((number * 7) + round) % 64;
                if (!TestData.Search(index, TestData.Row(queries, Dimensions, query), 10).SequenceEqual(expected[query]))
                {
                    lock (failures)
                    {
                        failures.Add($"thread {number}, round {round}, query {query}");
                    }
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
    }

    [Theory]
    [MemberData(nameof(KindsInMemoryAndMapped))]
    public void Disposing_during_a_search_ends_it_with_an_exception(string kind, bool isMapped)
    {
        using var folder = new TemporaryFolder();
        float[] vectors = TestData.Clustered(3000, Dimensions, 20, 1);
        for (int round = 0; round < 6; round++)
        {
            IVectorIndex index = InputValidationTests.Build(kind, vectors, Dimensions, Metric.Euclidean);
            if (isMapped)
            {
                index.Save(folder.File("index"));
                index.Dispose();
                index = VectorIndex.Open(folder.File("index"));
            }

            using var started = new CountdownEvent(3);
            Exception?[] ends = new Exception?[3];
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(number => new Thread(() =>
            {
                var results = new Neighbor[10];
                index.Search(vectors.AsSpan(0, Dimensions), results);
                started.Signal();
                try
                {
                    while (true)
                    {
                        index.Search(vectors.AsSpan(0, Dimensions), results, new SearchOptions { SearchEffort = 3000 });
                    }
                }
                catch (ObjectDisposedException exception)
                {
                    ends[number] = exception;
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            started.Wait();
            index.Dispose();
            Array.ForEach(threads, thread => thread.Join());
            Assert.All(ends, Assert.NotNull);
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void A_search_allocates_no_managed_memory(string kind, Metric metric)
    {
        using IVectorIndex index = InputValidationTests.Build(kind, TestData.Clustered(1000, Dimensions, 20, 1), Dimensions, metric);
        float[] query = TestData.Clustered(1, Dimensions, 20, 2);
        var results = new Neighbor[20];
        Func<int, bool> filter = row => row % 2 == 0;

        // The runtime allocates a little when it recompiles a loop. A search that allocates does so in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 10 && least > 0; round++)
        {
            Search();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++)
            {
                Search();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);

        void Search()
        {
            index.Search(query, results);
            index.Search(query, results, new SearchOptions { SearchEffort = 1000 });
            index.Search(query, results, new SearchOptions { Filter = filter });
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.KindNames), MemberType = typeof(InputValidationTests))]
    public void A_filter_that_throws_ends_only_its_own_search(string kind)
    {
        using IVectorIndex index = InputValidationTests.Build(
            kind, TestData.Clustered(500, Dimensions, 20, 1), Dimensions, Metric.Euclidean);
        float[] query = TestData.Clustered(1, Dimensions, 20, 2);
        Neighbor[] before = TestData.Search(index, query, 10);
        int calls = 0;
        var options = new SearchOptions { Filter = _ => ++calls == 40 ? throw new TimeoutException() : true, SearchEffort = 500 };
        Assert.Throws<TimeoutException>(() => index.Search(query, new Neighbor[10], options));
        Assert.Equal(before, TestData.Search(index, query, 10));
    }
}
