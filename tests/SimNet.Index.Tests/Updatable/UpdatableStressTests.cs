using System.Diagnostics;

namespace SimNet.Index.Tests;

/// <summary>Searches, changes, compactions and saves all at once, where every answer tells the one moment that it can come from.</summary>
public sealed class UpdatableStressTests
{
    // The index holds a window of ids, and the vector of an id says which it is. Change number n adds the next id where n is even and
    // removes the lowest where it is odd, so the ids that are there tell n, and nothing but whole states has such ids.
    private const int Window = 150;
    private const int Dimensions = 3;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1.2);
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(60);

    private int _begun;
    private int _done;

    [Theory]
    [InlineData("exact")]
    [InlineData("forest")]
    [InlineData("graph")]
    public async Task Every_answer_is_that_of_a_moment_between_its_question_and_itself(string kind)
    {
        using var folder = new TemporaryFolder();
        var vectors = new float[Window * Dimensions];
        for (int id = 0; id < Window; id++)
        {
            VectorOf(id).CopyTo(vectors, id * Dimensions);
        }

        using var index = new UpdatableIndex(InputCheckTests.Build(kind, vectors, Dimensions, Metric.Euclidean));
        using var stop = new CancellationTokenSource(MostTime);
        int searches = 0, compactions = 0, saves = 0;

        // Threads of their own: the pool's are few, and some of the work waits for it.
        Task[] all =
        [
            Start(Change),
            Start(Compact),
            Start(Save),
            Start(() => Search(found => index.Search(VectorOf(0), found, new SearchOptions { SearchEffort = int.MaxValue }))),
            Start(() => Search(found => Copy(index.SearchRange(VectorOf(0), float.PositiveInfinity), found))),
            Start(() => Search(SearchBatch)),
        ];

        // On a busy machine it takes longer until each of them has had its turns.
        var clock = Stopwatch.StartNew();
        while (!stop.IsCancellationRequested && (clock.Elapsed < Time || Volatile.Read(ref searches) < 100 || Volatile.Read(ref compactions) < 3 || Volatile.Read(ref saves) < 3))
        {
            await Task.Delay(20);
        }

        await stop.CancelAsync();
        await Task.WhenAll(all);

        // Not a matter of speed, but of having tested something.
        Assert.InRange(_done, 100, int.MaxValue);
        Assert.InRange(searches, 100, int.MaxValue);
        Assert.InRange(compactions, 3, int.MaxValue);
        Assert.InRange(saves, 3, int.MaxValue);

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
                // A searching thread is to see some moments, not one in a thousand.
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

                // Nor may a later question be answered from an earlier moment.
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
            // All from the same moment.
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
        // Each adds vectors of its own and removes every third; two threads want the same ones gone, and one of them gets to do it.
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

    /// <summary>Checks that what was found is all that there was after some number of changes within bounds; gives the number.</summary>
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
