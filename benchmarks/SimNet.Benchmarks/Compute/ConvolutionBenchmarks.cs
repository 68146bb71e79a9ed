using BenchmarkDotNet.Attributes;
using SimNet.Compute;
using SimNet.Models;

namespace SimNet.Benchmarks;

/// <summary>
/// The autoencoder's second convolution (32x32x32, 3x3, 32 filters) and its last transposed convolution (32x32x32 to 64x64x32), for one
/// image on one thread: 9.44 million multiply-adds in each direction.
/// </summary>
public unsafe class ConvolutionBenchmarks
{
    private readonly PinnedBuffer<float> _input = new(32 * 32 * 32);
    private readonly PinnedBuffer<float> _gradient = new(32 * 32 * 32);
    private readonly PinnedBuffer<float> _output = new(64 * 64 * 32);
    private ConvolutionKernel _kernel = null!;
    private PinnedBuffer<float> _workspace = null!;
    private PinnedBuffer<float> _sum = null!;

    [Params(false, true)]
    public bool Transposed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        KernelSet kernels = KernelSet.Create(VectorWidth.Auto);
        var input = new Shape(32, 32, 32);
        _kernel = Transposed
            ? new ConvolutionKernel(
                kernels,
                new ConvTranspose2d("layer", 32, 3) { Stride = 2, Padding = 1, OutputPadding = 1 },
                input,
                new Shape(32, 64, 64),
                32,
                true,
                true)
            : new ConvolutionKernel(kernels, new Conv2d("layer", 32, 3) { Padding = 1 }, input, input, 32, true, true);
        _workspace = new PinnedBuffer<float>(_kernel.WorkspaceLength);
        _sum = new PinnedBuffer<float>(_kernel.WeightSumLength + 32);
    }

    [Benchmark]
    public void Forward()
    {
        int prepared = -1;
        for (int unit = 0; unit < _kernel.Units; unit++)
        {
            _kernel.Forward(unit, _input.Pointer, _output.Pointer, default, _workspace.Pointer, ref prepared);
        }
    }

    [Benchmark]
    public void Backward() => _kernel.Backward(
        _input.Pointer,
        _output.Pointer,
        _gradient.Pointer,
        false,
        null,
        _sum.Pointer,
        _sum.Pointer + _kernel.WeightSumLength,
        _workspace.Pointer);
}
