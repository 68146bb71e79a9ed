namespace SimNet.Models;

/// <summary>Runs a plan over batches with a fixed number of workers, one batch at a time.</summary>
internal sealed class PlanRunner
{
    private readonly StepPlan _plan;
    private readonly Worker?[] _workers;
    private readonly ParallelOptions _parallel;
    private readonly Action<int> _work;
    private int _count;
    private int _groups;
    private int _pass;
    private int _nextGroup;
    private BatchCall _call = null!;

    public PlanRunner(StepPlan plan, int threads)
    {
        _plan = plan;
        _workers = new Worker[threads];
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _work = Work;
    }

    public void Run(int count, BatchCall call)
    {
        _count = count;
        _groups = Math.Min(count, StepPlan.MaxGroups);
        _call = call;
        for (_pass = 0; _pass < _plan.Passes.Count; _pass++)
        {
            _nextGroup = 0;
            int workers = Math.Min(_workers.Length, _groups);
            if (workers == 1)
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

        GC.KeepAlive(this);
    }

    private void Work(int number)
    {
        Worker worker = _workers[number] ??= new Worker(_plan.MemoryLength, _plan.ScratchLength);
        worker.Call = _call;
        List<Action<Worker>> steps = _plan.Passes[_pass].Steps;
        while (Interlocked.Increment(ref _nextGroup) - 1 is int group && group < _groups)
        {
            int first = (int)((long)group * _count / _groups);
            int end = (int)((long)(group + 1) * _count / _groups);
            worker.Group = group;
            for (int sample = first; sample < end && !_call.Cancellation.IsCancellationRequested; sample++)
            {
                worker.Sample = sample;
                worker.FirstOfGroup = sample == first;
                foreach (Action<Worker> step in steps)
                {
                    step(worker);
                }
            }
        }
    }
}
