using System.Runtime.Intrinsics;

namespace SimNet.Compute;

/// <summary>The kernels of one vector width.</summary>
internal sealed record KernelSet(
    GemmKernel Gemm,
    WinogradKernel Winograd,
    DepthwiseKernel Depthwise,
    ChannelKernel Channels,
    ElementKernel Elements,
    MaxPoolKernel MaxPool,
    AveragePoolKernel AveragePool,
    LossKernel Loss,
    OptimizerKernel Optimizer)
{
    /// <summary>The kernels of a width; for <see cref="VectorWidth.Auto"/> of the widest that runs in hardware.</summary>
    public static KernelSet Create(VectorWidth width) => width switch
    {
        VectorWidth.Auto when VectorSupport.Bits == 512 => Create<Simd512, Vector512<float>>(),
        VectorWidth.Auto when VectorSupport.Bits == 256 => Create<Simd256, Vector256<float>>(),
        VectorWidth.Auto when VectorSupport.Bits == 128 => Create<Simd128, Vector128<float>>(),
        VectorWidth.Auto => Create<SimdScalar, float>(),
        VectorWidth.Bits512 => Create<Simd512, Vector512<float>>(),
        VectorWidth.Bits256 => Create<Simd256, Vector256<float>>(),
        VectorWidth.Bits128 => Create<Simd128, Vector128<float>>(),
        VectorWidth.Scalar => Create<SimdScalar, float>(),
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "Expected Auto, Bits512, Bits256, Bits128 or Scalar."),
    };

    private static KernelSet Create<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        => new(
            new GemmKernel<TSimd, TVector>(),
            new WinogradKernel<TSimd, TVector>(),
            new DepthwiseKernel<TSimd, TVector>(),
            new ChannelKernel<TSimd, TVector>(),
            new ElementKernel<TSimd, TVector>(),
            new MaxPoolKernel<TSimd, TVector>(),
            new AveragePoolKernel<TSimd, TVector>(),
            new LossKernel<TSimd, TVector>(),
            new OptimizerKernel<TSimd, TVector>());
}
