namespace SimNet.Compute;

/// <summary>
/// One product for <see cref="GemmKernel"/>: C = A B (+ bias), or C += A B, for up to <see cref="GemmKernel.PanelColumns"/> columns.
/// The inner dimension runs in segments; rows of A and C lie anywhere, each at an offset from a table, so that the windows of a
/// picture are multiplied where they stand.
/// </summary>
internal unsafe struct GemmPanel
{
    /// <summary>Row r, inner index i of segment s is <c>A[ARows[r] + s * ASegmentStride + i * AStep]</c>.</summary>
    public float* A;
    public int* ARows;
    public nint AStep;
    public nint ASegmentStride;

    /// <summary>Inner index i of segment s, column c is <c>B[s * BSegmentStride + i * BStep + c]</c>; readable up to 32 columns whatever <see cref="Columns"/> says.</summary>
    public float* B;
    public nint BStep;
    public nint BSegmentStride;

    public int Segments;
    public int SegmentLength;

    /// <summary>Row r, column c is <c>C[CRows[r] + c]</c>. Rows may repeat when not accumulating: they are then written with the same values.</summary>
    public float* C;
    public int* CRows;

    public int Rows;

    /// <summary>Columns to write; 1 to <see cref="GemmKernel.PanelColumns"/>.</summary>
    public int Columns;

    /// <summary>Added to every row: <see cref="GemmKernel.PanelColumns"/> readable values, or null.</summary>
    public float* Bias;

    /// <summary>What is done with a result as it is written.</summary>
    public Epilogue Epilogue;
}
