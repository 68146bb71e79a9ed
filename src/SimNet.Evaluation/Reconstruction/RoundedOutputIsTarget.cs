using System.Runtime.Intrinsics;

namespace SimNet.Evaluation;

/// <summary>Correct if the target is exactly 1 and the output above 0.5, or the target is exactly 0 and the output at most 0.5.</summary>
internal readonly struct RoundedOutputIsTarget : IAgreement
{
    public static bool IsCorrect(float output, float target) => (output > 0.5f && target == 1) || (output <= 0.5f && target == 0);

    public static Vector128<float> IsCorrect(Vector128<float> output, Vector128<float> target)
    {
        Vector128<float> half = Vector128.Create(0.5f);
        return (Vector128.GreaterThan(output, half) & Vector128.Equals(target, Vector128<float>.One))
            | (Vector128.LessThanOrEqual(output, half) & Vector128.Equals(target, Vector128<float>.Zero));
    }

    public static Vector256<float> IsCorrect(Vector256<float> output, Vector256<float> target)
    {
        Vector256<float> half = Vector256.Create(0.5f);
        return (Vector256.GreaterThan(output, half) & Vector256.Equals(target, Vector256<float>.One))
            | (Vector256.LessThanOrEqual(output, half) & Vector256.Equals(target, Vector256<float>.Zero));
    }

    public static Vector512<float> IsCorrect(Vector512<float> output, Vector512<float> target)
    {
        Vector512<float> half = Vector512.Create(0.5f);
        return (Vector512.GreaterThan(output, half) & Vector512.Equals(target, Vector512<float>.One))
            | (Vector512.LessThanOrEqual(output, half) & Vector512.Equals(target, Vector512<float>.Zero));
    }
}
