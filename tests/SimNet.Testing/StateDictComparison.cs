using SimNet.Models;

namespace SimNet.Testing;

/// <summary>Bitwise comparison of tensors: -0 differs from 0, and NaNs compare by their payload.</summary>
public static class StateDictComparison
{
    /// <summary>The values of a tensor.</summary>
    public static float[] Values(this StateDict tensors, string name) => tensors[name].Values.ToArray();

    public static bool SameBits(StateDict a, StateDict b) => FirstDifference(a, b) is null;

    public static string? FirstDifference(StateDict a, StateDict b)
    {
        if (!a.Keys.SequenceEqual(b.Keys))
        {
            return $"names: {string.Join(' ', a.Keys)} and {string.Join(' ', b.Keys)}";
        }

        foreach ((string name, WeightTensor tensor) in a)
        {
            if (!tensor.Dimensions.SequenceEqual(b[name].Dimensions))
            {
                return $"dimensions of {name}";
            }

            ReadOnlySpan<float> left = tensor.Values.Span, right = b[name].Values.Span;
            for (int i = 0; i < left.Length; i++)
            {
                if (BitConverter.SingleToInt32Bits(left[i]) != BitConverter.SingleToInt32Bits(right[i]))
                {
                    return $"{name}[{i}]: {left[i]:R} and {right[i]:R}";
                }
            }
        }

        return null;
    }
}
