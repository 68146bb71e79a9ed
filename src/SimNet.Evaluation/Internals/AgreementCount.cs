using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Evaluation;

/// <summary>Counts the values of which an agreement says they are right.</summary>
internal static class AgreementCount
{
    /// <summary>Counts with the widest vectors the machine has. Both spans must be of one length.</summary>
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
        long right = 0;
        for (int i = 0; i < output.Length; i++)
        {
            right += TAgreement.IsRight(output[i], target[i]) ? 1 : 0;
        }

        return right;
    }

    public static long Count128<TAgreement>(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
        where TAgreement : struct, IAgreement
    {
        ReadOnlySpan<Vector128<float>> outputs = MemoryMarshal.Cast<float, Vector128<float>>(output);
        ReadOnlySpan<Vector128<float>> targets = MemoryMarshal.Cast<float, Vector128<float>>(target);
        long right = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            right += BitOperations.PopCount(TAgreement.IsRight(outputs[i], targets[i]).ExtractMostSignificantBits());
        }

        int done = outputs.Length * Vector128<float>.Count;
        return right + CountScalar<TAgreement>(output[done..], target[done..]);
    }

    public static long Count256<TAgreement>(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
        where TAgreement : struct, IAgreement
    {
        ReadOnlySpan<Vector256<float>> outputs = MemoryMarshal.Cast<float, Vector256<float>>(output);
        ReadOnlySpan<Vector256<float>> targets = MemoryMarshal.Cast<float, Vector256<float>>(target);
        long right = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            right += BitOperations.PopCount(TAgreement.IsRight(outputs[i], targets[i]).ExtractMostSignificantBits());
        }

        int done = outputs.Length * Vector256<float>.Count;
        return right + CountScalar<TAgreement>(output[done..], target[done..]);
    }

    public static long Count512<TAgreement>(ReadOnlySpan<float> output, ReadOnlySpan<float> target)
        where TAgreement : struct, IAgreement
    {
        ReadOnlySpan<Vector512<float>> outputs = MemoryMarshal.Cast<float, Vector512<float>>(output);
        ReadOnlySpan<Vector512<float>> targets = MemoryMarshal.Cast<float, Vector512<float>>(target);
        long right = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            right += BitOperations.PopCount(TAgreement.IsRight(outputs[i], targets[i]).ExtractMostSignificantBits());
        }

        int done = outputs.Length * Vector512<float>.Count;
        return right + CountScalar<TAgreement>(output[done..], target[done..]);
    }
}
