namespace SimNet.Models;

/// <summary>
/// A value that is no layer by itself, but a step of an operation that graphs decompose: of a normalization, of GELU, or of broadcasting.
/// </summary>
/// <param name="Kind">What the value is.</param>
/// <param name="Of">The feature map that the operation is of.</param>
internal sealed record OnnxIntermediate(OnnxIntermediateKind Kind, OnnxFeatureMap Of) : OnnxValue
{
    /// <summary>The number that the operation adds to a variance, or the least norm; 0 at first.</summary>
    public float Epsilon { get; init; }

    /// <summary>Whether the value is 1 divided by what <see cref="Kind"/> says.</summary>
    public bool IsInverse { get; init; }

    /// <summary>The dimensions in the graph, with the batch, of a broadcast feature map; otherwise empty.</summary>
    public long[] Dimensions { get; init; } = [];

    /// <summary>The value in messages.</summary>
    public string Description => Kind switch
    {
        OnnxIntermediateKind.Mean => "the mean over the channels",
        OnnxIntermediateKind.Centered => "the difference from the mean over the channels",
        OnnxIntermediateKind.CenteredSquare => "the square of the difference from the mean over the channels",
        OnnxIntermediateKind.Variance => "the variance over the channels",
        OnnxIntermediateKind.Deviation => "the standard deviation over the channels",
        OnnxIntermediateKind.SumOfSquares => "the sum of squares over the channels",
        OnnxIntermediateKind.Norm => "the norm over the channels",
        OnnxIntermediateKind.Broadcast => "a broadcast feature map",
        _ => "the error function",
    };
}
