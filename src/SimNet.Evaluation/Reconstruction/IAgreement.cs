using System.Runtime.Intrinsics;

namespace SimNet.Evaluation;

/// <summary>
/// Decides whether an output value is correct, for <see cref="AgreementCount"/>. The vector forms set all bits of a lane that is correct.
/// </summary>
internal interface IAgreement
{
    static abstract bool IsCorrect(float output, float target);

    static abstract Vector128<float> IsCorrect(Vector128<float> output, Vector128<float> target);

    static abstract Vector256<float> IsCorrect(Vector256<float> output, Vector256<float> target);

    static abstract Vector512<float> IsCorrect(Vector512<float> output, Vector512<float> target);
}
