using System.Diagnostics;

namespace SimNet.Index.Tests;

/// <summary>
/// Searches, changes, compactions and saves at the same time. Every answer identifies the one moment that it can come from.
/// </summary>
public sealed class UpdatableStressTests
{
    // The index holds a window of IDs, and each vector encodes its ID. Change number n adds the next ID if n is even and removes the lowest
    // one if it is odd, so the IDs present determine n, and only consistent states have such IDs.
    private const int Window = 150;
    private const int Dimensions = 3;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1.2);
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(5);

    private int _begun;
    private int _done;

    [Theory]
    [InlineData("exact")]
    [InlineData("forest")]
    [InlineData("graph")]
    public async Task Every_answer_is_from_one_moment_during_its_search(string kind)
    {
        using var folder = new TemporaryFolder();
        var vectors = new float[Window * Dimensions];
        for (int id = 0; id < Window; id++)
        {
            VectorOf(id).CopyTo(vectors, id * Dimensions);
        }

        using var index = new UpdatableIndex(InputValidationTests.Build(kind, vectors, Dimensions, Metric.Euclidean));
        using var stop = new CancellationTokenSource(MostTime);
        int searches = 0, compactions = 0, saves = 0;

        // Dedicated threads, because some of the work waits for the thread pool.
        Task[] all =
        [
            Start(Change),
            Start(Compact),
            Start(Save),
            Start(() => Search(found => index.Search(VectorOf(0), found, new SearchOptions { SearchEffort = int.MaxValue }))),
            Start(() => Search(found => Copy(index.SearchRange(VectorOf(0), float.PositiveInfinity), found))),
            Start(() => Search(SearchBatch)),
        ];

        // On a busy machine, it takes longer until each of them has run often enough.
        var clock = Stopwatch.StartNew();
        while (!stop.IsCancellationRequested && (clock.Elapsed < Time || !HasRunEnough()))
        {
            await Task.Delay(20);
        }

        await stop.CancelAsync();
        await Task.WhenAll(all);

        // The test must have exercised something; this is not about speed.
        Assert.InRange(_done, 100, int.MaxValue);
        Assert.InRange(searches, 100, int.MaxValue);
        Assert.InRange(compactions, 3, int.MaxValue);
        Assert.InRange(saves, 3, int.MaxValue);

        bool HasRunEnough() =>
            Volatile.Read(ref _done) >= 100 && Volatile.Read(ref searches) >= 100
            && Volatile.Read(ref compactions) >= 3 && Volatile.Read(ref saves) >= 3;

        Task Start(Action work) => Task.Factory.StartNew(
            () =>
            {
                try
                {
                    while (!stop.IsCancellationRequested)
                    {
                        work();
                    }
                }
                catch
                {
                    stop.Cancel();
                    throw;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        void Change()
        {
            int change = _begun;
            Volatile.Write(ref _begun, change + 1);
            if (change % 2 == 0)
            {
                int id = Window + (change / 2);
                Assert.Equal(id, index.Add(VectorOf(id)));
            }
            else
            {
                Assert.True(index.Remove(change / 2));
            }

            Volatile.Write(ref _done, change + 1);
            if (change % 16 == 0)
            {
                // Lets a searching thread observe more of the states.
                Thread.Sleep(1);
            }
        }

        void Compact()
        {
            index.CompactAsync().GetAwaiter().GetResult();
            compactions++;
        }

        void Save()
        {
            int done = Volatile.Read(ref _done);
            index.Save(folder.File("index"));
            int begun = Volatile.Read(ref _begun);
            using var opened = (UpdatableIndex)VectorIndex.Open(folder.File("index"));
            CheckMoment(opened.SearchRange(VectorOf(0), float.PositiveInfinity), done, begun);
            saves++;
        }

        void Search(Func<Neighbor[], int> search)
        {
            var found = new Neighbor[2 * Window];
            int last = 0;
            while (!stop.IsCancellationRequested)
            {
                int done = Volatile.Read(ref _done);
                int count = search(found);
                int begun = Volatile.Read(ref _begun);

                // A later search must not return an earlier state either.
                last = CheckMoment(found[..count], Math.Max(done, last), begun);
                Interlocked.Increment(ref searches);
                CheckVector(found[count / 2].Id);
            }
        }

        void CheckVector(int id)
        {
            try
            {
                Assert.Equal(VectorOf(id), TestData.Vector(index, id));
            }
            catch (ArgumentOutOfRangeException)
            {
                Assert.True(Volatile.Read(ref _begun) > (2 * id) + 1, $"id {id} is not there, and nobody removed it");
            }
        }

        int SearchBatch(Neighbor[] found)
        {
            // All answers are from the same moment.
            Neighbor[][] answers = index.SearchBatch(
                (float[])[.. VectorOf(0), .. VectorOf(0), .. VectorOf(0), .. VectorOf(0)],
                found.Length,
                new BatchSearchOptions { Search = new SearchOptions { SearchEffort = int.MaxValue }, MaxThreads = 2 });
            Assert.All(answers, answer => Assert.Equal(answers[0], answer));
            return Copy(answers[0], found);
        }
    }

    [Fact]
    public void Threads_that_change_the_index_take_turns()
    {
        // Each thread adds its own vectors and removes every third one; two threads compete for each removal, and one of them succeeds.
        const int Threads = 4, Each = 2000;
        using var index = new UpdatableIndex(ExactIndex.Build([], Dimensions, Metric.Euclidean));
        var ids = new int[Threads][];
        int removed = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            ids[thread] = new int[Each];
            for (int i = 0; i < Each; i++)
            {
                ids[thread][i] = index.Add(VectorOf((thread * Each) + i));
                if (i % 3 == 0)
                {
                    Parallel.Invoke(Remove, Remove);
                }

                void Remove()
                {
                    if (index.Remove(ids[thread][i]))
                    {
                        Interlocked.Increment(ref removed);
                    }
                }
            }
        });
        Assert.Equal(Enumerable.Range(0, Threads * Each), ids.SelectMany(own => own).Order());
        Assert.All(ids, own => Assert.Equal(own.Order(), own));
        Assert.Equal(Threads * ((Each + 2) / 3), removed);
        Assert.Equal((Threads * Each) - removed, index.Count);
        for (int thread = 0; thread < Threads; thread++)
        {
            for (int i = 1; i < Each; i += 3)
            {
                Assert.Equal(VectorOf((thread * Each) + i), TestData.Vector(index, ids[thread][i]));
            }
        }
    }

    private static int Copy(Neighbor[] answer, Neighbor[] found)
    {
        answer.CopyTo(found, 0);
        return answer.Length;
    }

    private static float[] VectorOf(int id) => [id, 7, -id];

    /// <summary>
    /// Checks that the neighbors are exactly the vectors after some number of changes within the limits, and returns that number.
    /// </summary>
    private static int CheckMoment(Neighbor[] found, int least, int most)
    {
        int lowest = found[0].Id;
        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(lowest + i, found[i].Id);
            Assert.Equal(Math.Sqrt(2.0) * found[i].Id, found[i].Distance, 1e-6 * (1 + found[i].Id));
        }

        int highest = found[^1].Id;
        int added = highest + 1 - Window;
        int moment = added + lowest;
        Assert.True(added - lowest is 0 or 1, $"ids {lowest} to {highest} were never there together");
        Assert.InRange(moment, least, most);
        return moment;
    }
}
