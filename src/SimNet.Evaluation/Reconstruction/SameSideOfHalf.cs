using System.Runtime.Intrinsics;

namespace SimNet.Evaluation;

/// <summary>Correct if both values are above 0.5 or both are at most 0.5; both comparisons are false for NaN.</summary>
internal readonly struct SameSideOfHalf : IAgreement
{
    public static bool IsCorrect(float output, float target) => (output > 0.5f && target > 0.5f) || (output <= 0.5f && target <= 0.5f);

    public static Vector128<float> IsCorrect(Vector128<float> output, Vector128<float> target)
    {
        Vector128<float> half = Vector128.Create(0.5f);
        return (Vector128.GreaterThan(output, half) & Vector128.GreaterThan(target, half))
            | (Vector128.LessThanOrEqual(output, half) & Vector128.LessThanOrEqual(target, half));
    }

    public static Vector256<float> IsCorrect(Vector256<float> output, Vector256<float> target)
    {
        Vector256<float> half = Vector256.Create(0.5f);
        return (Vector256.GreaterThan(output, half) & Vector256.GreaterThan(target, half))
            | (Vector256.LessThanOrEqual(output, half) & Vector256.LessThanOrEqual(target, half));
    }

    public static Vector512<float> IsCorrect(Vector512<float> output, Vector512<float> target)
    {
        Vector512<float> half = Vector512.Create(0.5f);
        return (Vector512.GreaterThan(output, half) & Vector512.GreaterThan(target, half))
            | (Vector512.LessThanOrEqual(output, half) & Vector512.LessThanOrEqual(target, half));
    }
}
