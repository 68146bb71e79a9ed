namespace SimNet.Compute;

/// <summary>What one thread needs to run a plan's steps: where it is, and memory of its own.</summary>
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

    /// <summary>What the step that the worker is at has left in its workspace for the step's next part, by the step's own count; negative for nothing.</summary>
    public int Prepared = -1;

    /// <summary>The number of the sample, and of the group of samples that it belongs to.</summary>
    public int Sample { get; set; }

    public int Group { get; set; }

    /// <summary>Whether the sample is its group's first: sums of the group start anew.</summary>
    public bool FirstOfGroup { get; set; }

    /// <summary>The call that the sample belongs to.</summary>
    public SessionCall Call { get; set; } = null!;

    /// <summary>Holds the plan's buffers that last no longer than a pass over a sample.</summary>
    public float* Memory => _memory!.Pointer;

    /// <summary>Free for use within a step.</summary>
    public float* Workspace => _workspace.Pointer;

    /// <summary>Works on a sample of its own.</summary>
    public void Start(SessionCall call)
    {
        _memory = _own ??= new PinnedBuffer<float>(_memoryLength);
        Call = call;
    }

    /// <summary>Works on another worker's sample, with workspace of its own.</summary>
    public void Join(Worker leader)
    {
        _memory = leader._memory;
        Call = leader.Call;
        Sample = leader.Sample;
        Group = leader.Group;
        FirstOfGroup = leader.FirstOfGroup;
    }
}
