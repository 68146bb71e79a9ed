using System.Buffers;

namespace SimNet.Compute;

/// <summary>The arguments of one call of a session, with the caller's buffers pinned.</summary>
internal sealed unsafe class SessionCall : IDisposable
{
    private readonly MemoryHandle[] _handles;

    /// <param name="outputs">The largest number of outputs of a call.</param>
    public SessionCall(int outputs)
    {
        _handles = new MemoryHandle[2 + outputs];
    }

    /// <summary>Number of samples.</summary>
    public int Count { get; set; }

    /// <summary>With the step, the sample and the layer: the seed of the random numbers.</summary>
    public int Seed { get; set; }

    public long Step { get; set; }

    /// <summary>Cancels the call between samples.</summary>
    public CancellationToken Cancellation { get; set; }

    public float* Input => (float*)_handles[0].Pointer;

    /// <summary>The target; null in inference.</summary>
    public float* Target => (float*)_handles[1].Pointer;

    /// <summary>The buffer of an output; null if the caller does not need it.</summary>
    public float* Output(int number) => (float*)_handles[2 + number].Pointer;

    public void SetInput(ReadOnlyMemory<float> input) => _handles[0] = input.Pin();

    public void SetTarget(ReadOnlyMemory<float> target) => _handles[1] = target.Pin();

    public void SetOutput(int number, Memory<float> output) => _handles[2 + number] = output.IsEmpty ? default : output.Pin();

    public void Dispose()
    {
        for (int i = 0; i < _handles.Length; i++)
        {
            _handles[i].Dispose();
            _handles[i] = default;
        }
    }
}
