namespace SimNet.Compute;

/// <summary>
/// Runs the steps of one sample on several threads: each step's parts go to whoever is free. The caller's thread leads; it never waits
/// for a thread that has not taken a part, so helpers that come late, or not at all, cost nothing but their help. Between steps
/// threads spin, since steps are shorter than a thread's way into sleep and back.
/// </summary>
internal sealed class ThreadTeam
{
    // The first step, and past all of its parts.
    private const long NothingFree = int.MaxValue;

    private readonly Helper[] _helpers;
    private readonly Lock _gate = new();
    private IReadOnlyList<PlanStep> _steps = [];
    private Worker _leader = null!;
    private bool _open;
    private int _active;
    private Exception? _failure;

    // The step in its upper half, the next part of it in its lower: one exchange takes a part of just this step.
    private long _ticket;
    private int _finished;

    /// <param name="helpers">Workers of the threads that help.</param>
    public ThreadTeam(IEnumerable<Func<Worker>> helpers)
    {
        _helpers = [.. helpers.Select(worker => new Helper(this, worker))];
    }

    /// <summary>Takes the leader's sample through the steps.</summary>
    public void Run(IReadOnlyList<PlanStep> steps, Worker leader)
    {
        lock (_gate)
        {
            _steps = steps;
            _leader = leader;
            _failure = null;
            _open = true;

            // No part of the first step is free before the leader is at it: who came early would do it beside the leader, and be late in the next.
            _ticket = NothingFree;
            Volatile.Write(ref _finished, 0);
        }

        foreach (Helper helper in _helpers)
        {
            helper.Call();
        }

        try
        {
            for (int step = 0; step < steps.Count; step++)
            {
                Lead(step);
            }
        }
        finally
        {
            Close();
        }

        if (_failure is not null)
        {
            throw new InvalidOperationException("A step failed on another thread.", _failure);
        }
    }

    private void Lead(int number)
    {
        PlanStep step = _steps[number];
        _leader.Prepared = -1;
        if (step.Units == 1)
        {
            Volatile.Write(ref _ticket, (long)number << 32 | 1);
            step.Run(_leader, 0);
            return;
        }

        Volatile.Write(ref _finished, 0);
        Volatile.Write(ref _ticket, (long)number << 32);
        while (TryTake(number, step.Units, out int unit))
        {
            step.Run(_leader, unit);
            Interlocked.Increment(ref _finished);
        }

        var spin = default(SpinWait);
        while (Volatile.Read(ref _finished) < step.Units)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private bool TryTake(int step, int units, out int unit)
    {
        while (true)
        {
            long ticket = Volatile.Read(ref _ticket);
            unit = (int)ticket;
            if (ticket >> 32 != step || unit >= units)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) == ticket)
            {
                return true;
            }
        }
    }

    private void Close()
    {
        Volatile.Write(ref _ticket, (long)_steps.Count << 32);
        lock (_gate)
        {
            _open = false;
        }

        var spin = default(SpinWait);
        while (Volatile.Read(ref _active) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Help(Helper helper)
    {
        lock (_gate)
        {
            if (!_open)
            {
                helper.Leave();
                return;
            }

            // Interlocked even under the lock: helpers leave without taking it.
            Interlocked.Increment(ref _active);
        }

        try
        {
            Worker worker = helper.Create();
            worker.Join(_leader);
            var spin = default(SpinWait);
            for (int step = Step(); step < _steps.Count; step = Step())
            {
                int units = _steps[step].Units;
                worker.Prepared = -1;
                while (TryTake(step, units, out int unit))
                {
                    Do(_steps[step], worker, unit);
                    spin.Reset();
                }

                spin.SpinOnce(sleep1Threshold: -1);
            }
        }
        finally
        {
            helper.Leave();
            Interlocked.Decrement(ref _active);
        }

        int Step() => (int)(Volatile.Read(ref _ticket) >> 32);
    }

    private void Do(PlanStep step, Worker worker, int unit)
    {
        try
        {
            step.Run(worker, unit);
        }
        catch (Exception exception)
        {
            // The leader throws the first failure. A later one must not escape: on a pool thread it would end the process.
            _failure ??= exception;
        }
        finally
        {
            Interlocked.Increment(ref _finished);
        }
    }

    /// <summary>
    /// A request to the thread pool for help. It is not repeated before the thread has left: a late thread may join the next run, and a
    /// second one beside it would write to the same worker's workspace memory.
    /// </summary>
    private sealed class Helper(ThreadTeam team, Func<Worker> create) : IThreadPoolWorkItem
    {
        private int _called;

        public Func<Worker> Create => create;

        public void Call()
        {
            if (Interlocked.Exchange(ref _called, 1) == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        public void Leave() => Volatile.Write(ref _called, 0);

        public void Execute() => team.Help(this);
    }
}
