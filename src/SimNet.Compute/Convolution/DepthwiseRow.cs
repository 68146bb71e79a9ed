namespace SimNet.Compute;

/// <summary>
/// Arguments of <see cref="DepthwiseKernel.Row"/>: evenly spaced pixels of one row that all use the same taps. Steps are in values. A
/// whole vector must be readable from the last channel of each pointer.
/// </summary>
internal unsafe struct DepthwiseRow
{
    public int Channels;

    /// <summary>Number of pixels.</summary>
    public int Count;

    /// <summary>The first result, and the distance between consecutive results.</summary>
    public float* Target;
    public nint TargetStep;

    /// <summary>
    /// The source of the first tap of the first pixel, and the distances from there to the source of the next pixel, of the next tap and of
    /// the next row of taps.
    /// </summary>
    public float* Source;
    public nint SourceStep;
    public nint TapStep;
    public nint RowStep;

    /// <summary>The weights of the first tap, and the distances to those of the next tap and of the next row of taps.</summary>
    public float* Weights;
    public nint TapWeights;
    public nint RowWeights;

    /// <summary>Number of rows and columns of taps.</summary>
    public int Rows;
    public int Taps;

    /// <summary>Added to each result; null for none.</summary>
    public float* Bias;

    /// <summary>The operations to apply to each result before it is written.</summary>
    public Epilogue Epilogue;
}
