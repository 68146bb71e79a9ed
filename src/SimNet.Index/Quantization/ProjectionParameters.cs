using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>The parameters of a projection as stored in a file.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct ProjectionParameters
{
    public int CodeDimensions { get; init; }

    public int FirstStageDimensions { get; init; }

    /// <summary>1 if vectors are projected onto principal components; 0 if they are quantized directly.</summary>
    public int HasBasis { get; init; }

    /// <summary>The factor by which centered vectors are multiplied.</summary>
    public float Scale { get; init; }

    /// <summary>M of <see cref="AugmentedVectors"/>.</summary>
    public double MaxNorm { get; init; }

    /// <summary>|WWᵀ - I| of the basis W.</summary>
    public double OrthogonalityDefect { get; init; }
}
