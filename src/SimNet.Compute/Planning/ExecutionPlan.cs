namespace SimNet.Compute;

/// <summary>
/// What is to be done with each sample of a batch, as a list of steps in passes. A pass takes each sample through all its steps while
/// the sample's values are in the cache; between passes stand the places where the whole batch must have come so far (batch norm's
/// statistics). Buffers that are used in one pass only are memory of the worker; the others hold the whole batch.
/// </summary>
internal sealed class ExecutionPlan
{
    /// <summary>
    /// Samples of a batch are split into at most this many groups, whatever the number of threads. Sums over samples are made within
    /// a group in order, then over the groups in order: that makes the result independent of the threads.
    /// </summary>
    public const int MaxGroups = 32;

    private readonly List<TensorBuffer> _buffers = [];
    private readonly List<Pass> _passes = [new Pass()];
    private int _steps;
    private int _capacity;

    /// <summary>Values of memory that a worker needs for the buffers that are not batches; set by <see cref="Complete"/>.</summary>
    public int MemoryLength { get; private set; }

    /// <summary>Values of workspace that a worker needs.</summary>
    public int WorkspaceLength { get; private set; }

    public IReadOnlyList<Pass> Passes => _passes;

    public TensorBuffer CreateBuffer(int length) => Register(new TensorBuffer(length));

    public TensorBuffer CreateBuffer(Shape shape) => Register(new TensorBuffer(shape));

    /// <summary>Appends a step that reads or writes these buffers.</summary>
    public void Add(string name, Action<Worker> step, params ReadOnlySpan<TensorBuffer> touches)
        => Add(name, 1, (worker, _) => step(worker), touches);

    /// <summary>Appends a step of several parts.</summary>
    public void Add(string name, int units, Action<Worker, int> step, params ReadOnlySpan<TensorBuffer> touches)
    {
        _passes[^1].Steps.Add(new PlanStep(name, units, step));
        foreach (TensorBuffer buffer in touches)
        {
            buffer.Touch(_steps, _passes.Count - 1);
        }

        _steps++;
    }

    public void ReserveWorkspace(int length) => WorkspaceLength = Math.Max(WorkspaceLength, length);

    /// <summary>Ends the pass; <paramref name="action"/> runs once, with the numbers of samples and groups, when all samples have come so far.</summary>
    public void Barrier(Action<int, int> action)
    {
        _passes[^1].AtEnd = action;
        _passes.Add(new Pass());
    }

    /// <summary>
    /// Gives each buffer that is no batch a place in the workers' memory: the lowest at which no other lies that lives at the same
    /// time (first fit, in the order in which they come to life).
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

    /// <summary>Makes room for batches of this many samples.</summary>
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

    /// <summary>Steps that each sample goes through without waiting for the others.</summary>
    internal sealed class Pass
    {
        public List<PlanStep> Steps { get; } = [];

        public Action<int, int>? AtEnd { get; set; }
    }
}
