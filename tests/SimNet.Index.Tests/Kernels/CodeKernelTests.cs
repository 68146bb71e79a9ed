using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index.Tests;

/// <summary>The code and GEMM kernels: every vector width is compared with the definition.</summary>
public sealed unsafe class CodeKernelTests
{
    private static readonly VectorWidth[] Widths = [VectorWidth.Scalar, VectorWidth.Bits128, VectorWidth.Bits256, VectorWidth.Bits512];

    [Theory]
    [InlineData(64, 5000)]
    [InlineData(128, 3900)]
    [InlineData(192, 127)]
    [InlineData(832, 1400)]
    [InlineData(32768, 128)]
    public void Code_distances_are_sums_of_squares_at_every_width(int length, int largest)
    {
        var random = new SeededRandom(length);
        using var memory = new IndexMemory();
        short* query = memory.Allocate<short>(length);
        sbyte* codes = memory.Allocate<sbyte>(4L * length);
        for (int round = 0; round < 20; round++)
        {
            // The first rounds use the extremes, which give the largest sums.
            for (int i = 0; i < length; i++)
            {
                query[i] = (short)(round == 0 ? largest : round == 1 ? -largest : random.NextInt32((2 * largest) + 1) - largest);
            }

            for (int i = 0; i < 4 * length; i++)
            {
                codes[i] = (sbyte)(round == 0 ? -127 : round == 1 ? 127 : random.NextInt32(255) - 127);
            }

            foreach (VectorWidth width in Widths.Where(CodeDistanceKernel.IsSupported))
            {
                Vector128<int> distances = CodeDistanceKernel.Compute(
                    query, codes, codes + length, codes + (2 * length), codes + (3 * length), length, width);
                for (int row = 0; row < 4; row++)
                {
                    long expected = 0;
                    for (int i = 0; i < length; i++)
                    {
                        long difference = query[i] - codes[((long)row * length) + i];
                        expected += difference * difference;
                    }

                    Assert.Equal(expected, distances[row]);
                }
            }

            Assert.Equal(
                CodeDistanceKernel.Compute(
                    query, codes, codes + length, codes + (2 * length), codes + (3 * length), length, VectorWidth.Scalar),
                CodeDistanceKernel.Compute(query, codes, codes + length, codes + (2 * length), codes + (3 * length), length));
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8, 32, 16)]
    [InlineData(9, 31, 17)]
    [InlineData(23, 7, 784)]
    public void Matrix_products_accumulate_in_order_at_every_width(int rows, int columns, int length)
    {
        float[] a = TestData.Gaussian(rows, length, 1), b = TestData.Gaussian(columns, length, 2);
        float* panel = (float*)NativeMemory.AlignedAlloc((nuint)(length * GemmKernel.PanelRows * sizeof(float)), 64);
        try
        {
            foreach (VectorWidth width in Widths.Where(CodeDistanceKernel.IsSupported))
            {
                var c = new float[rows * GemmKernel.PanelRows];
                fixed (float* pa = a, pb = b, pc = c)
                {
                    GemmKernel.Pack(pb, columns, length, length, panel);
                    GemmKernel.Compute(pa, rows, length, panel, length, pc, GemmKernel.PanelRows, width);
                }

                for (int row = 0; row < rows; row++)
                {
                    for (int column = 0; column < GemmKernel.PanelRows; column++)
                    {
                        float expected = 0;
                        for (int i = 0; i < length && column < columns; i++)
                        {
                            expected = MathF.FusedMultiplyAdd(a[(row * length) + i], b[(column * length) + i], expected);
                        }

                        Assert.Equal(expected, c[(row * GemmKernel.PanelRows) + column]);
                    }
                }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(panel);
        }
    }
}
