using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Evaluation;

/// <summary>Counts the values that an <see cref="IAgreement"/> considers correct.</summary>
internal static class AgreementCount
{
    /// <summary>Counts with the widest vectors that the processor supports. Both spans must have the same length.</summary>
    public static long Count<TAgreement>(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
        where TAgreement : struct, IAgreement
    {
        return VectorSupport.Bits == 512 ? Count512<TAgreement>(output, target)
            : VectorSupport.Bits == 256 ? Count256<TAgreement>(output, target)
            : VectorSupport.Bits == 128 ? Count128<TAgreement>(output, target)
            : CountScalar<TAgreement>(output, target);
    }

    public static long CountScalar<TAgreement>(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
        where TAgreement : struct, IAgreement
    {
        long correct = 0;
        for (int i = 0; i < output.Length; i++)
        {
            correct += TAgreement.IsCorrect(output[i], target[i]) ? 1 : 0;
        }

        return correct;
    }

    public static long Count128<TAgreement>(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
        where TAgreement : struct, IAgreement
    {
        ReadOnlySpan<Vector128<float>> outputs = MemoryMarshal.Cast<float, Vector128<float>>(output);
        ReadOnlySpan<Vector128<float>> targets = MemoryMarshal.Cast<float, Vector128<float>>(target);
        long correct = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            correct += BitOperations.PopCount(TAgreement.IsCorrect(outputs[i], targets[i]).ExtractMostSignificantBits());
        }

        int done = outputs.Length * Vector128<float>.Count;
        return correct + CountScalar<TAgreement>(output[done..], target[done..]);
    }

    public static long Count256<TAgreement>(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
        where TAgreement : struct, IAgreement
    {
        ReadOnlySpan<Vector256<float>> outputs = MemoryMarshal.Cast<float, Vector256<float>>(output);
        ReadOnlySpan<Vector256<float>> targets = MemoryMarshal.Cast<float, Vector256<float>>(target);
        long correct = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            correct += BitOperations.PopCount(TAgreement.IsCorrect(outputs[i], targets[i]).ExtractMostSignificantBits());
        }

        int done = outputs.Length * Vector256<float>.Count;
        return correct + CountScalar<TAgreement>(output[done..], target[done..]);
    }

    public static long Count512<TAgreement>(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
        where TAgreement : struct, IAgreement
    {
        ReadOnlySpan<Vector512<float>> outputs = MemoryMarshal.Cast<float, Vector512<float>>(output);
        ReadOnlySpan<Vector512<float>> targets = MemoryMarshal.Cast<float, Vector512<float>>(target);
        long correct = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            correct += BitOperations.PopCount(TAgreement.IsCorrect(outputs[i], targets[i]).ExtractMostSignificantBits());
        }

        int done = outputs.Length * Vector512<float>.Count;
        return correct + CountScalar<TAgreement>(output[done..], target[done..]);
    }
}
