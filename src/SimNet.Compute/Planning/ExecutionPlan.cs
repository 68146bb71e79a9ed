namespace SimNet.Compute;

/// <summary>
/// The steps to run on each sample of a batch, grouped into stages, and the tensors they use. A stage runs all of its steps on a sample
/// while the sample's values are in the cache. A barrier between stages waits for the whole batch, as the statistics of batch norm
/// require. Tensors that live within one stage are in the memory of a worker; the others hold the whole batch.
/// </summary>
internal sealed class ExecutionPlan
{
    /// <summary>
    /// The maximum number of groups that the samples of a batch are divided into, whatever the number of threads. Sums over samples are
    /// computed in order within each group and then over the groups, so that the result does not depend on the number of threads.
    /// </summary>
    public const int MaxGroups = 32;

    private readonly List<TensorBuffer> _buffers = [];
    private readonly List<Stage> _stages = [new Stage()];
    private int _steps;
    private int _capacity;

    /// <summary>
    /// Number of values of memory that a worker needs for the tensors that live within one stage; set by <see cref="Complete"/>.
    /// </summary>
    public int MemoryLength { get; private set; }

    /// <summary>Number of workspace values that a worker needs.</summary>
    public int WorkspaceLength { get; private set; }

    public IReadOnlyList<Stage> Stages => _stages;

    public TensorBuffer CreateBuffer(int length) => Register(new TensorBuffer(length));

    public TensorBuffer CreateBuffer(Shape shape) => Register(new TensorBuffer(shape));

    /// <summary>Appends a step that reads or writes the given tensors.</summary>
    public void Add(string name, Action<Worker> step, params ReadOnlySpan<TensorBuffer> touches)
        => Add(name, 1, (worker, _) => step(worker), touches);

    /// <summary>Appends a step of several units of work.</summary>
    public void Add(string name, int units, Action<Worker, int> step, params ReadOnlySpan<TensorBuffer> touches)
    {
        _stages[^1].Steps.Add(new PlanStep(name, units, step));
        foreach (TensorBuffer buffer in touches)
        {
            buffer.Touch(_steps, _stages.Count - 1);
        }

        _steps++;
    }

    /// <summary>Makes the workspace at least this long.</summary>
    public void ReserveWorkspace(int length) => WorkspaceLength = Math.Max(WorkspaceLength, length);

    /// <summary>
    /// Ends the stage. When all samples have completed it, <paramref name="action"/> runs once, with the numbers of samples and groups.
    /// </summary>
    public void Barrier(Action<int, int> action)
    {
        _stages[^1].AtEnd = action;
        _stages.Add(new Stage());
    }

    /// <summary>
    /// Plans the memory of the workers: assigns each tensor that lives within one stage the lowest offset at which it overlaps no tensor
    /// that is live at the same time (first fit, in order of first use).
    /// </summary>
    public void Complete()
    {
        var placed = new List<TensorBuffer>();
        foreach (TensorBuffer buffer in _buffers.Where(b => b.FirstStep >= 0 && !b.IsBatch).OrderBy(b => b.FirstStep))
        {
            int offset = 0;
            foreach (TensorBuffer other in placed.Where(p => p.LastStep >= buffer.FirstStep).OrderBy(p => p.Offset))
            {
                if (offset + buffer.Stride <= other.Offset)
                {
                    break;
                }

                offset = Math.Max(offset, checked(other.Offset + other.Stride));
            }

            buffer.Offset = offset;
            MemoryLength = Math.Max(MemoryLength, checked(offset + buffer.Stride));
            placed.Add(buffer);
        }
    }

    /// <summary>Allocates the tensors that hold the whole batch, for batches of this many samples.</summary>
    public void Reserve(int samples)
    {
        if (samples > _capacity)
        {
            foreach (TensorBuffer buffer in _buffers.Where(b => b.IsBatch))
            {
                buffer.Reserve(samples);
            }

            _capacity = samples;
        }
    }

    private TensorBuffer Register(TensorBuffer buffer)
    {
        _buffers.Add(buffer);
        return buffer;
    }

    /// <summary>Steps that each sample runs through without waiting for the others.</summary>
    internal sealed class Stage
    {
        public List<PlanStep> Steps { get; } = [];

        public Action<int, int>? AtEnd { get; set; }
    }
}
