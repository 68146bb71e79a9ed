using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The published versions of SqueezeNet.</summary>
[SuppressMessage(
    "Naming",
    "CA1707:Identifiers should not contain underscores",
    Justification = "The underscore stands for the dot of the version.")]
public enum SqueezeNetVersion
{
    /// <summary>
    /// The version of the paper: a 7x7 first convolution, and pooling after it and after the third and seventh fire modules.
    /// </summary>
    V1_0,

    /// <summary>
    /// The later version: a 3x3 first convolution and earlier pooling, for 2.4 times less computation at the same accuracy.
    /// </summary>
    V1_1,
}
