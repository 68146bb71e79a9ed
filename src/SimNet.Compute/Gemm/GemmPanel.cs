namespace SimNet.Compute;

/// <summary>
/// Arguments of <see cref="GemmKernel.Multiply"/>: C = A B (+ bias), or C += A B, for up to <see cref="GemmKernel.PanelColumns"/>
/// columns. The inner dimension is split into segments, and each row of A and C has an offset from a table, so that the windows of an
/// image are read in place (implicit im2col).
/// </summary>
internal unsafe struct GemmPanel
{
    /// <summary>Row r, inner index i of segment s is <c>A[ARows[r] + s * ASegmentStride + i * AStep]</c>.</summary>
    public float* A;
    public int* ARows;
    public nint AStep;
    public nint ASegmentStride;

    /// <summary>
    /// Inner index i of segment s, column c is <c>B[s * BSegmentStride + i * BStep + c]</c>; 32 columns must be readable whatever the value
    /// of <see cref="Columns"/>.
    /// </summary>
    public float* B;
    public nint BStep;
    public nint BSegmentStride;

    public int Segments;
    public int SegmentLength;

    /// <summary>Row r, column c is <c>C[CRows[r] + c]</c>. Without accumulation rows may repeat, with the same values.</summary>
    public float* C;
    public int* CRows;

    public int Rows;

    /// <summary>Number of columns to write; 1 to <see cref="GemmKernel.PanelColumns"/>.</summary>
    public int Columns;

    /// <summary>Added to every row: <see cref="GemmKernel.PanelColumns"/> readable values; null for none.</summary>
    public float* Bias;

    /// <summary>The operations to apply to each result before it is written.</summary>
    public Epilogue Epilogue;
}
