namespace SimNet.Compute;

/// <summary>
/// Runs a plan over batches with a fixed number of workers, one batch at a time. Each worker takes samples of its own; the samples of an
/// inference that are left over when each has had as many are done by all together, step by step.
/// </summary>
internal sealed class PlanExecutor
{
    private readonly ExecutionPlan _plan;
    private readonly Worker?[] _workers;
    private readonly ParallelOptions _parallel;
    private readonly Action<int> _work;
    private readonly ThreadTeam? _team;
    private int _count;
    private int _groups;
    private int _pass;
    private int _nextGroup;
    private SessionCall _call = null!;

    /// <param name="plan">The plan.</param>
    /// <param name="threads">Number of threads.</param>
    /// <param name="share">Whether several threads may work on one sample; only where steps keep nothing by group.</param>
    public PlanExecutor(ExecutionPlan plan, int threads, bool share)
    {
        _plan = plan;
        _workers = new Worker[threads];
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _work = Work;
        _team = share && threads > 1 ? new ThreadTeam(Enumerable.Range(1, threads - 1).Select(number => (Func<Worker>)(() => WorkerOf(number)))) : null;
    }

    public void Run(int count, SessionCall call)
    {
        _call = call;
        _count = _team is null ? count : count - count % _workers.Length;
        _groups = Math.Min(_count, ExecutionPlan.MaxGroups);
        for (_pass = 0; _pass < _plan.Passes.Count; _pass++)
        {
            _nextGroup = 0;
            int workers = Math.Min(_workers.Length, _groups);
            if (workers <= 1)
            {
                Work(0);
            }
            else
            {
                Parallel.For(0, workers, _parallel, _work);
            }

            _call.Cancellation.ThrowIfCancellationRequested();
            _plan.Passes[_pass].AtEnd?.Invoke(count, _groups);
        }

        for (int sample = _count; sample < count; sample++)
        {
            Worker leader = WorkerOf(0);
            leader.Start(call);
            leader.Sample = sample;
            foreach (ExecutionPlan.Pass pass in _plan.Passes)
            {
                _team!.Run(pass.Steps, leader);
            }
        }

        GC.KeepAlive(this);
    }

    private void Work(int number)
    {
        Worker worker = WorkerOf(number);
        worker.Start(_call);
        List<PlanStep> steps = _plan.Passes[_pass].Steps;
        while (Interlocked.Increment(ref _nextGroup) - 1 is int group && group < _groups)
        {
            int first = (int)((long)group * _count / _groups);
            int end = (int)((long)(group + 1) * _count / _groups);
            worker.Group = group;
            for (int sample = first; sample < end && !_call.Cancellation.IsCancellationRequested; sample++)
            {
                worker.Sample = sample;
                worker.FirstOfGroup = sample == first;
                foreach (PlanStep step in steps)
                {
                    worker.Prepared = -1;
                    for (int unit = 0; unit < step.Units; unit++)
                    {
                        step.Run(worker, unit);
                    }
                }
            }
        }
    }

    private Worker WorkerOf(int number) => _workers[number] ??= new Worker(_plan.MemoryLength, _plan.WorkspaceLength);
}
