namespace SimNet.Compute;

/// <summary>The state of one thread that executes a plan: its position and its memory.</summary>
internal sealed unsafe class Worker
{
    private readonly int _memoryLength;
    private readonly PinnedBuffer<float> _workspace;
    private PinnedBuffer<float>? _own;
    private PinnedBuffer<float>? _memory;

    public Worker(int memoryLength, int workspaceLength)
    {
        _memoryLength = memoryLength;
        _workspace = new PinnedBuffer<float>(workspaceLength);
    }

    /// <summary>What the current step has left in the workspace for its next unit, numbered by the step; negative for nothing.</summary>
    public int Prepared = -1;

    /// <summary>The index of the sample, and of the group of samples that it belongs to.</summary>
    public int Sample { get; set; }

    public int Group { get; set; }

    /// <summary>Whether the sample is the first of its group, so that the group's accumulators are reset.</summary>
    public bool FirstOfGroup { get; set; }

    /// <summary>The call that the sample belongs to.</summary>
    public SessionCall Call { get; set; } = null!;

    /// <summary>The memory of the plan's buffers that live within one stage.</summary>
    public float* Memory => _memory!.Pointer;

    /// <summary>Workspace that a step may overwrite.</summary>
    public float* Workspace => _workspace.Pointer;

    /// <summary>Starts work on samples of its own.</summary>
    public void Start(SessionCall call)
    {
        _memory = _own ??= new PinnedBuffer<float>(_memoryLength);
        Call = call;
    }

    /// <summary>Joins the work on another worker's sample, with its own workspace.</summary>
    public void Join(Worker leader)
    {
        _memory = leader._memory;
        Call = leader.Call;
        Sample = leader.Sample;
        Group = leader.Group;
        FirstOfGroup = leader.FirstOfGroup;
    }
}
