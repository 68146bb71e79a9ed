namespace SimNet.Index.Tests;

/// <summary>Every kind of index with every metric, compared with a double loop in double precision.</summary>
public sealed class ConformanceTests
{
    private const int Dimensions = 16;

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void Every_number_of_dimensions_gives_correct_neighbors(string kind, Metric metric)
    {
        foreach (int dimensions in (int[])[1, 2, 3, 15, 16, 17, 64, 100, 1000, 4096])
        {
            const int Count = 60;
            float[] vectors = TestData.Gaussian(Count, dimensions, 3);
            float[] query = TestData.Gaussian(1, dimensions, 4);
            using IVectorIndex index = InputValidationTests.Build(kind, vectors, dimensions, metric);
            CheckAgainst(
                NaiveSearch.Search(vectors, dimensions, metric, query, 10),
                TestData.Search(index, query, 10, new SearchOptions { SearchEffort = Count }),
                id => NaiveSearch.Distance(query, TestData.Row(vectors, dimensions, id), metric));
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void Thousands_of_duplicates_are_found_in_order_of_their_IDs(string kind, Metric metric)
    {
        // 4,000 copies of one vector, with 20 others in between.
        const int Count = 4020;
        float[] vectors = new float[Count * Dimensions];
        float[] same = TestData.Gaussian(1, Dimensions, 5), others = TestData.Gaussian(20, Dimensions, 6);
        for (int row = 0; row < Count; row++)
        {
            (row % 201 == 100 ? TestData.Row(others, Dimensions, row / 201) : same).CopyTo(vectors.AsSpan(row * Dimensions));
        }

        using IVectorIndex index = InputValidationTests.Build(kind, vectors, Dimensions, metric);
        Neighbor[] all = TestData.Search(index, same, Count, new SearchOptions { SearchEffort = Count });
        Assert.Equal(Count, all.Length);
        Assert.Equal(all.OrderBy(found => found.Distance).ThenBy(found => found.Id), all);
        int[] copies = [.. all.Where(found => found.Distance == all.Single(first => first.Id == 0).Distance).Select(found => found.Id)];
        Assert.Equal(Enumerable.Range(0, Count).Where(row => row % 201 != 100), copies);

        foreach (int effort in (int[])[0, 1, Count])
        {
            Neighbor[] found = TestData.Search(index, same, 30, new SearchOptions { SearchEffort = effort });
            Assert.Equal(30, found.Select(neighbor => neighbor.Id).Distinct().Count());
            Assert.Equal(found.OrderBy(neighbor => neighbor.Distance).ThenBy(neighbor => neighbor.Id), found);
            if (effort == Count)
            {
                Assert.Equal(all[..30], found);
            }
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void Zero_vectors_are_valid_rows_and_queries(string kind, Metric metric)
    {
        float[] vectors = TestData.Gaussian(300, Dimensions, 7);
        for (int row = 0; row < 300; row += 3)
        {
            vectors.AsSpan(row * Dimensions, Dimensions).Clear();
        }

        foreach (float[] rows in (float[][])[vectors, new float[300 * Dimensions]])
        {
            using IVectorIndex index = InputValidationTests.Build(kind, rows, Dimensions, metric);
            foreach (float[] query in (float[][])[new float[Dimensions], TestData.Gaussian(1, Dimensions, 8)])
            {
                CheckAgainst(
                    NaiveSearch.Search(rows, Dimensions, metric, query, 300),
                    TestData.Search(index, query, 300, new SearchOptions { SearchEffort = 300 }),
                    id => NaiveSearch.Distance(query, TestData.Row(rows, Dimensions, id), metric));
            }
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void A_filter_of_one_in_a_hundred_does_not_reduce_the_recall(string kind, Metric metric)
    {
        const int Count = 5000, Wanted = 10, Queries = 20;
        float[] vectors = TestData.Clustered(Count, Dimensions, 40, 9);
        float[] queries = TestData.Clustered(Queries, Dimensions, 40, 10);
        using IVectorIndex index = InputValidationTests.Build(kind, vectors, Dimensions, metric);
        Func<int, bool> isChosen = row => ((row * 2654435761L) >> 9) % 100 == 0;
        RowSet chosen = RowSet.Where(index.IdLimit, isChosen);
        Assert.InRange(chosen.Count, 40, 60);
        (SearchOptions Options, Func<int, bool> Rule)[] filters =
        [
            (new SearchOptions { Rows = chosen }, isChosen),
            (new SearchOptions { Filter = isChosen }, isChosen),
            (new SearchOptions { Rows = chosen, Filter = row => row % 2 == 0 }, row => isChosen(row) && row % 2 == 0),
            (new SearchOptions { Rows = chosen, Filter = isChosen }, isChosen),
        ];
        (_, double usual) = Recalls(default, _ => true);
        foreach ((SearchOptions options, Func<int, bool> rule) in filters)
        {
            (double best, double recall) = Recalls(options, rule);
            Assert.Equal(1, best);
            Assert.True(recall >= usual, $"recall {recall} with a filter, {usual} without");
        }

        // With the maximum effort, and with the default effort.
        (double Best, double Usual) Recalls(SearchOptions options, Func<int, bool> rule)
        {
            int best = 0, usual = 0, all = 0;
            for (int query = 0; query < Queries; query++)
            {
                float[] vector = TestData.Row(queries, Dimensions, query).ToArray();
                (int Id, double Distance)[] expected = NaiveSearch.Search(vectors, Dimensions, metric, vector, Wanted, rule);
                best += Hits(options with { SearchEffort = Count });
                usual += Hits(options);
                all += expected.Length;

                // Distances are compared: of two rows at nearly the same distance, rounding decides which one is found.
                int Hits(SearchOptions how)
                {
                    Neighbor[] found = TestData.Search(index, vector, Wanted, how);
                    Assert.Equal(expected.Length, found.Length);
                    Assert.All(found, neighbor => Assert.True(rule(neighbor.Id)));
                    return found.Count(neighbor => neighbor.Distance <= expected[^1].Distance + 1e-4);
                }
            }

            return ((double)best / all, (double)usual / all);
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void Nothing_is_found_if_nothing_is_allowed(string kind, Metric metric)
    {
        float[] query = TestData.Gaussian(1, Dimensions, 2);
        using IVectorIndex index = InputValidationTests.Build(kind, TestData.Gaussian(500, Dimensions, 1), Dimensions, metric);
        foreach (SearchOptions options in (SearchOptions[])
            [
                new() { Filter = _ => false },
                new() { Rows = new RowSet(500) },
                new() { Rows = new RowSet(0) },
                new() { Rows = RowSet.Where(500, row => row % 2 == 0), Filter = row => row % 2 == 1 },
            ])
        {
            Assert.Empty(TestData.Search(index, query, 10, options));
            Assert.Empty(TestData.Search(index, query, 10, options with { SearchEffort = 1 }));
            Assert.Empty(index.SearchRange(query, float.PositiveInfinity, options));
            Assert.All(index.SearchBatch((float[])[.. query, .. query], 10, new BatchSearchOptions { Search = options }), Assert.Empty);
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void A_row_set_may_be_smaller_or_larger_than_the_index(string kind, Metric metric)
    {
        float[] query = TestData.Gaussian(1, Dimensions, 2);
        using IVectorIndex index = InputValidationTests.Build(kind, TestData.Gaussian(100, Dimensions, 1), Dimensions, metric);
        foreach ((int capacity, int expected) in ((int, int)[])[(1, 1), (64, 64), (70, 70), (100, 100), (101, 100), (1000, 100)])
        {
            var options = new SearchOptions { Rows = RowSet.Where(capacity, _ => true), SearchEffort = 100 };
            Assert.Equal(Enumerable.Range(0, expected), TestData.Search(index, query, 200, options).Select(found => found.Id).Order());
            Assert.Equal(
                Enumerable.Range(0, expected), index.SearchRange(query, float.PositiveInfinity, options).Select(found => found.Id).Order());
        }
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void A_range_search_finds_exactly_the_rows_within_the_radius(string kind, Metric metric)
    {
        const int Count = 400;
        float[] vectors = TestData.Clustered(Count, Dimensions, 10, 1);
        using IVectorIndex index = InputValidationTests.Build(kind, vectors, Dimensions, metric);
        Func<int, bool> rule = row => row % 3 != 1;
        RowSet set = RowSet.Where(Count, row => row % 5 != 2);
        for (int round = 0; round < 5; round++)
        {
            float[] query = TestData.Clustered(1, Dimensions, 10, 2 + round);
            SearchOptions[] filters =
                [default, new() { Filter = rule }, new() { Rows = set }, new() { Rows = set, Filter = rule, SearchEffort = 1 }];
            foreach (SearchOptions options in filters)
            {
                (int Id, double Distance)[] all = NaiveSearch.Search(vectors, Dimensions, metric, query, Count, options.Allows);
                Assert.Empty(index.SearchRange(query, (float)all[0].Distance - 0.01f, options));
                Assert.Empty(index.SearchRange(query, float.NegativeInfinity, options));
                Check(all, index.SearchRange(query, float.PositiveInfinity, options));
                Check(all, index.SearchRange(query, float.MaxValue, options));
                foreach (int count in (int[])[1, 2, 10, 100])
                {
                    // Between two distances that rounding cannot swap.
                    int end = Enumerable.Range(count, all.Length - count).First(i => all[i].Distance - all[i - 1].Distance > 1e-4);
                    Check(all[..end], index.SearchRange(query, (float)((all[end - 1].Distance + all[end].Distance) / 2), options));
                }
            }

            void Check((int Id, double Distance)[] expected, Neighbor[] found)
            {
                Assert.Equal(expected.Select(one => one.Id).Order(), found.Select(one => one.Id).Order());
                CheckAgainst(expected, found, id => NaiveSearch.Distance(query, TestData.Row(vectors, Dimensions, id), metric));
            }
        }

        // A reported distance is within a radius of the same value.
        Neighbor[] nearest = TestData.Search(index, new float[Dimensions], 7, new SearchOptions { SearchEffort = Count });
        Assert.Equal(nearest, index.SearchRange(new float[Dimensions], nearest[^1].Distance).Take(7));
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void A_range_search_validates_its_arguments(string kind, Metric metric)
    {
        IVectorIndex index = InputValidationTests.Build(kind, new float[20 * Dimensions], Dimensions, metric);
        Assert.Contains(
            "radius is NaN",
            Assert.Throws<ArgumentException>(() => index.SearchRange(new float[Dimensions], float.NaN)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => index.SearchRange(new float[Dimensions + 1], 1));
        Assert.Throws<ArgumentException>(() => index.SearchRange([.. new float[Dimensions - 1], float.NaN], 1));
        Assert.Throws<TimeoutException>(
            () => index.SearchRange(new float[Dimensions], 5, new SearchOptions { Filter = _ => throw new TimeoutException() }));
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.SearchRange(new float[Dimensions], 1));
        using IVectorIndex empty = InputValidationTests.Build(kind, [], Dimensions, metric);
        Assert.Empty(empty.SearchRange(new float[Dimensions], float.PositiveInfinity));
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void A_batch_gives_the_answers_of_single_searches_on_any_thread_count(string kind, Metric metric)
    {
        const int Queries = 50;
        float[] queries = TestData.Clustered(Queries, Dimensions, 20, 2);
        using IVectorIndex index = InputValidationTests.Build(kind, TestData.Clustered(1500, Dimensions, 20, 1), Dimensions, metric);
        RowSet set = RowSet.Where(1500, row => row % 4 == 0);
        SearchOptions[] all =
        [
            default,
            new() { SearchEffort = 1500 },
            new() { Filter = row => row % 3 == 0 },
            new() { Rows = set },
            new() { Rows = set, Filter = row => row % 3 == 0, SearchEffort = 40 },
        ];
        foreach (SearchOptions options in all)
        {
            foreach (int count in (int[])[0, 1, 10])
            {
                Neighbor[][] expected =
                [
                    .. Enumerable.Range(0, Queries)
                        .Select(query => TestData.Search(index, TestData.Row(queries, Dimensions, query), count, options)),
                ];
                foreach (int threads in (int[])[0, 1, 2, 3])
                {
                    Assert.Equal(
                        expected, index.SearchBatch(queries, count, new BatchSearchOptions { Search = options, MaxThreads = threads }));
                }
            }
        }

        float[] some = queries[..(2 * Dimensions)];
        Neighbor[][] full = index.SearchBatch(some, 5000, new BatchSearchOptions { Search = new SearchOptions { SearchEffort = 1500 } });
        Assert.All(full, found => Assert.Equal(1500, found.Length));
        Assert.Empty(index.SearchBatch(ReadOnlyMemory<float>.Empty, 10));
    }

    [Theory]
    [MemberData(nameof(InputValidationTests.Kinds), MemberType = typeof(InputValidationTests))]
    public void A_batch_validates_its_arguments_and_can_be_canceled(string kind, Metric metric)
    {
        IVectorIndex index = InputValidationTests.Build(kind, TestData.Gaussian(200, Dimensions, 1), Dimensions, metric);
        float[] queries = TestData.Gaussian(20, Dimensions, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => index.SearchBatch(queries, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.SearchBatch(queries, 1, new BatchSearchOptions { MaxThreads = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => index.SearchBatch(queries, 1, new BatchSearchOptions { Search = new SearchOptions { SearchEffort = -1 } }));
        Assert.Contains(
            "319 values",
            Assert.Throws<ArgumentException>(() => index.SearchBatch(queries.AsMemory(1), 1)).Message,
            StringComparison.Ordinal);
        var throwing = new BatchSearchOptions { Search = new SearchOptions { Filter = _ => throw new TimeoutException() } };
        Assert.Throws<TimeoutException>(() => index.SearchBatch(queries, 1, throwing));
        Assert.ThrowsAny<OperationCanceledException>(() => index.SearchBatch(queries, 1, null, new CancellationToken(canceled: true)));

        queries[(7 * Dimensions) + 3] = float.NegativeInfinity;
        Assert.Contains(
            "Query 7, column 3 is -Infinity",
            Assert.Throws<ArgumentException>(() => index.SearchBatch(queries, 1)).Message,
            StringComparison.Ordinal);
        queries[(7 * Dimensions) + 3] = 2e18f;
        Assert.Contains(
            "Query 7 has norm 2e+18",
            Assert.Throws<ArgumentException>(() => index.SearchBatch(queries, 1)).Message,
            StringComparison.Ordinal);
        queries[(7 * Dimensions) + 3] = 1;
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.SearchBatch(queries, 1));
        using IVectorIndex empty = InputValidationTests.Build(kind, [], Dimensions, metric);
        Assert.Equal(new Neighbor[20][].Select(_ => Array.Empty<Neighbor>()), empty.SearchBatch(queries, 3));
    }

    /// <summary>The distances are the same in the same order, and each row is at its own distance.</summary>
    private static void CheckAgainst((int Id, double Distance)[] expected, Neighbor[] found, Func<int, double> distance)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.Equal(found.Length, found.Select(neighbor => neighbor.Id).Distinct().Count());
        Assert.Equal(found.OrderBy(neighbor => neighbor.Distance).ThenBy(neighbor => neighbor.Id), found);
        for (int i = 0; i < found.Length; i++)
        {
            double tolerance = 2e-5 * Math.Max(1, Math.Abs(expected[i].Distance));
            Assert.Equal(expected[i].Distance, found[i].Distance, tolerance);
            Assert.Equal(distance(found[i].Id), found[i].Distance, tolerance);
        }
    }
}
