namespace SimNet.Index;

/// <summary>A buffer for one vector with the layout of a row: padded and aligned to a cache line. Initially zero.</summary>
internal sealed unsafe class VectorBuffer
{
    private readonly float[] _pinned;
    private readonly int _offset;
    private readonly int _stride;

    public VectorBuffer(int stride)
    {
        _stride = stride;
        _pinned = GC.AllocateArray<float>(stride + VectorRows.Alignment, pinned: true);
        fixed (float* start = _pinned)
        {
            nuint past = (nuint)start / sizeof(float) % VectorRows.Alignment;
            _offset = past == 0 ? 0 : VectorRows.Alignment - (int)past;
        }
    }

    public Span<float> Span => _pinned.AsSpan(_offset, _stride);

    /// <summary>Valid while this object is reachable: callers keep it alive past their last use.</summary>
    public float* Pointer
    {
        get
        {
            fixed (float* start = _pinned)
            {
                return start + _offset;
            }
        }
    }
}
