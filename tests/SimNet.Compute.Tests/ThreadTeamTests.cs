using System.Collections;

namespace SimNet.Compute.Tests;

/// <summary>Several threads that run the steps of one sample.</summary>
public sealed class ThreadTeamTests
{
    [Fact]
    public void Early_helper_does_not_run_the_first_step_concurrently_with_the_leader()
    {
        int first = 0, second = 0;
        using var steps = new WaitingSteps(
            new("first", 1, (_, _) => Interlocked.Increment(ref first)),
            new("second", 5, (_, _) => Interlocked.Increment(ref second)));
        Worker leader = new(16, 16), helper = new(16, 16);
        leader.Start(new SessionCall(0));
        new ThreadTeam([() => helper]).Run(steps, leader);
        Assert.True(steps.HelperCame);
        Assert.Equal((1, 5), (first, second));
    }

    [Fact]
    public void Helper_that_fails_twice_ends_the_run_but_not_the_process()
    {
        using var failures = new CountdownEvent(2);
        Worker leader = new(16, 16), helper = new(16, 16);
        leader.Start(new SessionCall(0));
        PlanStep[] steps =
        [
            new("fails", 3, (worker, _) =>
            {
                // The leader stays in its unit until the helper has failed in the other two.
                if (worker == leader)
                {
                    failures.Wait(TimeSpan.FromMinutes(5));
                    return;
                }

                failures.Signal();
                throw new TimeoutException();
            }),
        ];
        var exception = Assert.Throws<InvalidOperationException>(() => new ThreadTeam([() => helper]).Run(steps, leader));
        Assert.IsType<TimeoutException>(exception.InnerException);
    }

    /// <summary>Steps whose count the leader can read only after a helper has read the first step and has had time to run it.</summary>
    private sealed class WaitingSteps(params PlanStep[] steps) : IReadOnlyList<PlanStep>, IDisposable
    {
        private readonly int _leader = Environment.CurrentManagedThreadId;
        private readonly ManualResetEventSlim _came = new();

        public bool HelperCame => _came.IsSet;

        public int Count
        {
            get
            {
                if (Environment.CurrentManagedThreadId == _leader && !_came.IsSet && _came.Wait(TimeSpan.FromMinutes(5)))
                {
                    Thread.Sleep(20);
                }

                return steps.Length;
            }
        }

        public PlanStep this[int index]
        {
            get
            {
                if (Environment.CurrentManagedThreadId != _leader)
                {
                    _came.Set();
                }

                return steps[index];
            }
        }

        public IEnumerator<PlanStep> GetEnumerator() => steps.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose() => _came.Dispose();
    }
}
