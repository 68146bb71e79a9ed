namespace SimNet.Compute;

/// <summary>
/// Results of one row for <see cref="DepthwiseKernel"/>, evenly spaced, that all see the same part of the kernel. Steps are in values;
/// whole vectors are readable from each pointer's last channel on.
/// </summary>
internal unsafe struct DepthwiseRow
{
    public int Channels;

    /// <summary>Number of results.</summary>
    public int Count;

    /// <summary>The first result, and from one to the next.</summary>
    public float* Target;
    public nint TargetStep;

    /// <summary>What the first tap of the first result sees; from there to what it sees of the next result, of the next tap, and of the next row of taps.</summary>
    public float* Source;
    public nint SourceStep;
    public nint TapStep;
    public nint RowStep;

    /// <summary>The first tap's weights, and from there to the next tap's and to the next row's.</summary>
    public float* Weights;
    public nint TapWeights;
    public nint RowWeights;

    /// <summary>Rows and columns of taps.</summary>
    public int Rows;
    public int Taps;

    /// <summary>Added to each result; or null.</summary>
    public float* Bias;

    /// <summary>What is done with a result as it is written.</summary>
    public Epilogue Epilogue;
}
