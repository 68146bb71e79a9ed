using BenchmarkDotNet.Attributes;
using SimNet.Models;

namespace SimNet.Benchmarks;

/// <summary>
/// The autoencoder's second convolution (32x32x32, 3x3, 32 filters) and its last transposed one (32x32x32 to 64x64x32), one picture,
/// one thread: 9.44 million multiplications and additions each way.
/// </summary>
public unsafe class ComputeConvolutionBenchmarks
{
    private readonly PinnedBuffer<float> _input = new(32 * 32 * 32);
    private readonly PinnedBuffer<float> _output = new(64 * 64 * 32);
    private ConvolutionKernel _kernel = null!;
    private PinnedBuffer<float> _scratch = null!;
    private PinnedBuffer<float> _sum = null!;

    [Params(false, true)]
    public bool Transposed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        KernelSet kernels = KernelSet.Create(VectorWidth.Auto);
        var input = new Shape(32, 32, 32);
        _kernel = Transposed
            ? ConvolutionKernel.Create(
                kernels, new ConvTranspose2d("layer", 32, 3) { Stride = 2, Padding = 1, OutputPadding = 1 }, input, new Shape(32, 64, 64), true, true)
            : ConvolutionKernel.Create(kernels, new Conv2d("layer", 32, 3) { Padding = 1 }, input, input, true, true);
        _scratch = new PinnedBuffer<float>(_kernel.ScratchLength);
        _sum = new PinnedBuffer<float>(_kernel.WeightSumLength + 32);
    }

    [Benchmark]
    public void Forward() => _kernel.Forward(_input.Pointer, _output.Pointer, _scratch.Pointer);

    [Benchmark]
    public void BackwardInput() => _kernel.BackwardInput(_output.Pointer, _input.Pointer, _scratch.Pointer);

    [Benchmark]
    public void BackwardWeights()
        => _kernel.BackwardWeights(_input.Pointer, _output.Pointer, _sum.Pointer, _sum.Pointer + _kernel.WeightSumLength, _scratch.Pointer);
}
