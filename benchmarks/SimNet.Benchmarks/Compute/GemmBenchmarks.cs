using BenchmarkDotNet.Attributes;
using SimNet.Compute;
using SimNet.Models;

namespace SimNet.Benchmarks;

/// <summary>
/// The GEMM micro-kernel with everything in the first-level cache: 64 rows, 32 columns, 96 products each. At 250 GFLOP/s its 393,216
/// multiplications and additions take 1.57 microseconds.
/// </summary>
public unsafe class GemmBenchmarks
{
    private const int Rows = 64;
    private const int Inner = 96;

    private readonly PinnedBuffer<float> _a = new(Rows * Inner);
    private readonly PinnedBuffer<float> _b = new(Inner * GemmKernel.PanelColumns);
    private readonly PinnedBuffer<float> _c = new(Rows * GemmKernel.PanelColumns);
    private readonly PinnedBuffer<int> _aRows = new(Rows);
    private readonly PinnedBuffer<int> _cRows = new(Rows);
    private GemmKernel _kernel = null!;

    [Params(VectorWidth.Bits512, VectorWidth.Bits256, VectorWidth.Bits128, VectorWidth.Scalar)]
    public VectorWidth Width { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _kernel = KernelSet.Create(Width).Gemm;
        for (int row = 0; row < Rows; row++)
        {
            _aRows.Span[row] = row * Inner;
            _cRows.Span[row] = row * GemmKernel.PanelColumns;
        }
    }

    [Benchmark]
    public void Multiply() => _kernel.Multiply(new GemmPanel
    {
        A = _a.Pointer,
        ARows = _aRows.Pointer,
        AStep = 1,
        B = _b.Pointer,
        BStep = GemmKernel.PanelColumns,
        Segments = 1,
        SegmentLength = Inner,
        C = _c.Pointer,
        CRows = _cRows.Pointer,
        Rows = Rows,
        Columns = GemmKernel.PanelColumns,
    });
}
