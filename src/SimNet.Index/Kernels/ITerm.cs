using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>
/// The term that a kernel accumulates for each pair of components, at every vector width. Each addition rounds once, so that all widths
/// give the same bits.
/// </summary>
internal interface ITerm
{
    static abstract Vector512<float> Add(Vector512<float> sum, Vector512<float> a, Vector512<float> b);

    static abstract Vector256<float> Add(Vector256<float> sum, Vector256<float> a, Vector256<float> b);

    static abstract Vector128<float> Add(Vector128<float> sum, Vector128<float> a, Vector128<float> b);

    static abstract float Add(float sum, float a, float b);
}
