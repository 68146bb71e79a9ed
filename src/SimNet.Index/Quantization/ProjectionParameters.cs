using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>A projection's numbers as they lie in a file.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct ProjectionParameters
{
    public int CodeDimensions { get; init; }

    public int FirstStageDimensions { get; init; }

    /// <summary>1 if there are directions; 0 if the numbers are the centred vector's own.</summary>
    public int HasBasis { get; init; }

    /// <summary>By this centred vectors are multiplied.</summary>
    public float Scale { get; init; }

    /// <summary>M of <see cref="AugmentedVectors"/>.</summary>
    public double MaxNorm { get; init; }

    /// <summary>|WWᵀ − I| of the directions W.</summary>
    public double OrthogonalityDefect { get; init; }
}
