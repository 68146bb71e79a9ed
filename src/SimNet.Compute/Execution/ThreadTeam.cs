namespace SimNet.Compute;

/// <summary>
/// Runs the steps of one sample on several threads, which take the units of each step dynamically. The caller's thread is the leader; it
/// never waits for a thread that has not taken a unit, so helpers that start late or not at all only reduce the speedup. Between steps
/// threads spin, since a step is shorter than the time to block and wake a thread.
/// </summary>
internal sealed class ThreadTeam
{
    // The first step, with all of its units taken.
    private const long NoUnits = int.MaxValue;

    private readonly Helper[] _helpers;
    private readonly Lock _gate = new();
    private IReadOnlyList<PlanStep> _steps = [];
    private Worker _leader = null!;
    private bool _open;
    private int _active;
    private Exception? _failure;

    // The step in the upper half and its next unit in the lower half, so that a compare-exchange takes a unit of exactly this step.
    private long _ticket;
    private int _finished;

    /// <param name="helpers">Create the workers of the helper threads.</param>
    public ThreadTeam(IEnumerable<Func<Worker>> helpers)
    {
        _helpers = [.. helpers.Select(worker => new Helper(this, worker))];
    }

    /// <summary>Runs the steps on the leader's sample.</summary>
    public void Run(IReadOnlyList<PlanStep> steps, Worker leader)
    {
        lock (_gate)
        {
            _steps = steps;
            _leader = leader;
            _failure = null;
            _open = true;

            // The leader releases the units of the first step. Otherwise an early helper could run a step with a single unit
            // concurrently with the leader, and still be running it during the next step.
            _ticket = NoUnits;
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
            throw new InvalidOperationException("A step failed on a helper thread.", _failure);
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

            // Interlocked even under the lock, since helpers decrement it without the lock.
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
                    RunUnit(_steps[step], worker, unit);
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

    private void RunUnit(PlanStep step, Worker worker, int unit)
    {
        try
        {
            step.Run(worker, unit);
        }
        catch (Exception exception)
        {
            // The leader throws the first failure. An exception that escapes a pool thread would end the process.
            _failure ??= exception;
        }
        finally
        {
            Interlocked.Increment(ref _finished);
        }
    }

    /// <summary>
    /// A work item of the thread pool. It is queued again only after the thread has left: a late thread may join the next run, and a second
    /// thread beside it would write to the same worker's workspace.
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
