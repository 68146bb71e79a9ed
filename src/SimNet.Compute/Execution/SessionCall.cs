using System.Buffers;

namespace SimNet.Compute;

/// <summary>The caller's buffers, held in place for one call.</summary>
internal sealed unsafe class SessionCall : IDisposable
{
    private readonly MemoryHandle[] _handles;

    /// <param name="outputs">Number of outputs that a call can have.</param>
    public SessionCall(int outputs)
    {
        _handles = new MemoryHandle[2 + outputs];
    }

    /// <summary>Number of samples.</summary>
    public int Count { get; set; }

    /// <summary>What the call's random numbers are drawn from, besides the sample and the layer.</summary>
    public int Seed { get; set; }

    public long Step { get; set; }

    /// <summary>Stops the call between two samples.</summary>
    public CancellationToken Cancellation { get; set; }

    public float* Input => (float*)_handles[0].Pointer;

    /// <summary>Null where there is none.</summary>
    public float* Target => (float*)_handles[1].Pointer;

    /// <summary>Null where it is not wanted.</summary>
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
