using System.Runtime.Intrinsics;

namespace SimNet.Evaluation;

/// <summary>When an output value counts as right, for <see cref="AgreementCount"/>: the vector forms set all bits of a lane that is
/// right.</summary>
internal interface IAgreement
{
    static abstract bool IsRight(float output, float target);

    static abstract Vector128<float> IsRight(Vector128<float> output, Vector128<float> target);

    static abstract Vector256<float> IsRight(Vector256<float> output, Vector256<float> target);

    static abstract Vector512<float> IsRight(Vector512<float> output, Vector512<float> target);
}
