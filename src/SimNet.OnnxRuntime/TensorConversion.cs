using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace SimNet.OnnxRuntime;

/// <summary>Converts between the caller's float32 values and the type of a model's inputs and outputs.</summary>
internal static class TensorConversion
{
    /// <summary>Whether an input can have this type.</summary>
    public static bool SupportsInput(TensorElementType type) => type == TensorElementType.UInt8 || SupportsOutput(type);

    /// <summary>Whether an output can have this type.</summary>
    public static bool SupportsOutput(TensorElementType type) =>
        type is TensorElementType.Float or TensorElementType.Float16 or TensorElementType.Double;

    /// <summary>Creates a tensor of values: of the memory itself if it has the type, otherwise of a converted copy.</summary>
    public static OrtValue Create(TensorElementType type, Memory<float> values, long[] dimensions)
    {
        switch (type)
        {
            case TensorElementType.Float16:
                var halves = new Float16[values.Length];
                TensorPrimitives.ConvertToHalf(values.Span, MemoryMarshal.Cast<Float16, Half>(halves.AsSpan()));
                return Tensor(halves, dimensions);
            case TensorElementType.Double:
                var doubles = new double[values.Length];
                TensorPrimitives.ConvertChecked<float, double>(values.Span, doubles);
                return Tensor(doubles, dimensions);
            case TensorElementType.UInt8:
                var bytes = new byte[values.Length];
                for (int i = 0; i < bytes.Length; i++)
                {
                    // NaN gives 0.
                    bytes[i] = byte.CreateSaturating(MathF.Round(values.Span[i]));
                }

                return Tensor(bytes, dimensions);
            default:
                return Tensor(values, dimensions);
        }
    }

    /// <summary>Creates a tensor for the runtime to write to, of the memory itself if it has the type.</summary>
    public static Result Prepare(TensorElementType type, Memory<float> target, long[] dimensions)
    {
        switch (type)
        {
            case TensorElementType.Float16:
                var halves = new Float16[target.Length];
                return new Result(
                    Tensor(halves, dimensions),
                    () => TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(halves), target.Span));
            case TensorElementType.Double:
                var doubles = new double[target.Length];
                return new Result(
                    Tensor(doubles, dimensions), () => TensorPrimitives.ConvertTruncating<double, float>(doubles, target.Span));
            default:
                return new Result(Tensor(target, dimensions), () => { });
        }
    }

    private static OrtValue Tensor<T>(Memory<T> values, long[] dimensions)
        where T : unmanaged =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values, dimensions);

    private static OrtValue Tensor<T>(T[] values, long[] dimensions)
        where T : unmanaged =>
        Tensor(values.AsMemory(), dimensions);

    /// <summary>A tensor that the runtime writes to, and what to do afterward.</summary>
    /// <param name="Value">The tensor.</param>
    /// <param name="Complete">Converts the values for the caller.</param>
    internal readonly record struct Result(OrtValue Value, Action Complete);
}
