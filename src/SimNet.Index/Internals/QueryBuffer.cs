namespace SimNet.Index;

/// <summary>Room for a query as the rows are stored: padded, and on a cache line.</summary>
internal sealed unsafe class QueryBuffer
{
    private readonly float[] _pinned;
    private readonly int _offset;

    public QueryBuffer(int stride)
    {
        _pinned = GC.AllocateArray<float>(stride + VectorRows.Alignment, pinned: true);
        fixed (float* start = _pinned)
        {
            nuint past = (nuint)start / sizeof(float) % VectorRows.Alignment;
            _offset = past == 0 ? 0 : VectorRows.Alignment - (int)past;
        }
    }

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
