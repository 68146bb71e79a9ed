namespace SimNet.Models;

/// <summary>What one thread needs to run a plan's steps: where it is, and memory of its own.</summary>
internal sealed unsafe class Worker
{
    private readonly PinnedBuffer<float> _memory;
    private readonly PinnedBuffer<float> _scratch;

    public Worker(int memoryLength, int scratchLength)
    {
        _memory = new PinnedBuffer<float>(memoryLength);
        _scratch = new PinnedBuffer<float>(scratchLength);
    }

    /// <summary>The number of the sample, and of the group of samples that it belongs to.</summary>
    public int Sample { get; set; }

    public int Group { get; set; }

    /// <summary>Whether the sample is its group's first: sums of the group start anew.</summary>
    public bool FirstOfGroup { get; set; }

    /// <summary>The call that the sample belongs to.</summary>
    public BatchCall Call { get; set; } = null!;

    /// <summary>Holds the plan's buffers that last no longer than a pass over a sample.</summary>
    public float* Memory => _memory.Pointer;

    /// <summary>Free for use within a step.</summary>
    public float* Scratch => _scratch.Pointer;
}
