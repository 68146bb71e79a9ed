namespace SimNet.Compute;

/// <summary>
/// Executes a plan over batches with a fixed number of workers, one batch at a time. Each worker processes whole samples. In inference,
/// the samples that remain when the batch is divided evenly are processed by all workers together, step by step.
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
    private int _stage;
    private int _nextGroup;
    private SessionCall _call = null!;

    /// <param name="plan">The plan.</param>
    /// <param name="threads">Number of threads.</param>
    /// <param name="share">Whether several threads may work on one sample; requires that no step accumulates by group.</param>
    public PlanExecutor(ExecutionPlan plan, int threads, bool share)
    {
        _plan = plan;
        _workers = new Worker[threads];
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _work = Work;
        _team = share && threads > 1
            ? new ThreadTeam(Enumerable.Range(1, threads - 1).Select(number => (Func<Worker>)(() => WorkerOf(number))))
            : null;
    }

    public void Run(int count, SessionCall call)
    {
        _call = call;
        _count = _team is null ? count : count - count % _workers.Length;
        _groups = Math.Min(_count, ExecutionPlan.MaxGroups);
        for (_stage = 0; _stage < _plan.Stages.Count; _stage++)
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
            _plan.Stages[_stage].AtEnd?.Invoke(count, _groups);
        }

        for (int sample = _count; sample < count; sample++)
        {
            Worker leader = WorkerOf(0);
            leader.Start(call);
            leader.Sample = sample;
            foreach (ExecutionPlan.Stage stage in _plan.Stages)
            {
                _team!.Run(stage.Steps, leader);
            }
        }

        GC.KeepAlive(this);
    }

    private void Work(int number)
    {
        Worker worker = WorkerOf(number);
        worker.Start(_call);
        List<PlanStep> steps = _plan.Stages[_stage].Steps;
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
