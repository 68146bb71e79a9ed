using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>The distance kernels on data in the first-level cache: four 8-bit codes of 128 dimensions, and a float32 row of 784.</summary>
public unsafe class IndexKernelBenchmarks
{
    private const int CodeLength = 128;
    private const int RowLength = 784;
    private const int CacheLine = 64;

    private short* _query;
    private sbyte* _codes;
    private float* _rows;

    public IEnumerable<int> Widths => ((VectorWidth[])[VectorWidth.Scalar, VectorWidth.Bits128, VectorWidth.Bits256, VectorWidth.Bits512])
        .Where(CodeDistanceKernel.IsSupported).Select(width => (int)width);

    [ParamsSource(nameof(Widths))]
    public int Width { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _query = (short*)NativeMemory.AlignedAlloc(CodeLength * sizeof(short), CacheLine);
        _codes = (sbyte*)NativeMemory.AlignedAlloc(4 * CodeLength, CacheLine);
        _rows = (float*)NativeMemory.AlignedAlloc(2 * RowLength * sizeof(float), CacheLine);
        var random = new Random(1);
        for (int i = 0; i < CodeLength; i++)
        {
            _query[i] = (short)random.Next(-127, 128);
        }

        for (int i = 0; i < 4 * CodeLength; i++)
        {
            _codes[i] = (sbyte)random.Next(-127, 128);
        }

        for (int i = 0; i < 2 * RowLength; i++)
        {
            _rows[i] = random.NextSingle();
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        NativeMemory.AlignedFree(_query);
        NativeMemory.AlignedFree(_codes);
        NativeMemory.AlignedFree(_rows);
    }

    [Benchmark]
    public int FourCodes() => CodeDistanceKernel.Compute(
        _query, _codes, _codes + CodeLength, _codes + (2 * CodeLength), _codes + (3 * CodeLength), CodeLength, (VectorWidth)Width)[0];

    [Benchmark]
    public float SquaredDistance() => SquaredDistanceKernel.Compute(_rows, _rows + RowLength, RowLength, (VectorWidth)Width);
}
