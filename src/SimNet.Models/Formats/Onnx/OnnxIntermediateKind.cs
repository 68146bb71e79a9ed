namespace SimNet.Models;

/// <summary>The kinds of <see cref="OnnxIntermediate"/>. Means, sums, and norms are those over the channels at each pixel.</summary>
internal enum OnnxIntermediateKind
{
    /// <summary>The mean.</summary>
    Mean,

    /// <summary>The feature map minus its mean.</summary>
    Centered,

    /// <summary>The square of <see cref="Centered"/>.</summary>
    CenteredSquare,

    /// <summary>The mean of <see cref="CenteredSquare"/>, plus epsilon.</summary>
    Variance,

    /// <summary>The square root of <see cref="Variance"/>.</summary>
    Deviation,

    /// <summary>The sum of squares, at least the square of epsilon.</summary>
    SumOfSquares,

    /// <summary>The square root of <see cref="SumOfSquares"/>.</summary>
    Norm,

    /// <summary>The feature map repeated to larger dimensions.</summary>
    Broadcast,

    /// <summary>erf(x / sqrt(2)).</summary>
    ErrorFunction,

    /// <summary>1 + erf(x / sqrt(2)), which is twice the normal distribution function.</summary>
    TwiceDistribution,

    /// <summary>(1 + erf(x / sqrt(2))) / 2, the normal distribution function.</summary>
    Distribution,

    /// <summary>Twice the feature map, which is GELU.</summary>
    Twice,
}
