using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>The two SqueezeNets that were published.</summary>
[SuppressMessage("Naming", "CA1707:Identifiers should not contain underscores", Justification = "The versions' names have a dot there.")]
public enum SqueezeNetVersion
{
    /// <summary>The paper's: 7x7 windows first, pooling after the first convolution and the third and seventh fire modules.</summary>
    V1_0,

    /// <summary>Its authors' second: 3x3 windows first and earlier pooling, for 2.4 times less computation at the same accuracy.</summary>
    V1_1,
}
