namespace SimNet.Index;

/// <summary>Room for one vector as the rows are stored: padded, and on a cache line. Zero at first.</summary>
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

    /// <summary>Valid as long as this object is reachable: callers keep it alive past their last use.</summary>
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
