using System.Runtime.InteropServices;

namespace SimNet.Index.Tests;

public sealed unsafe class KernelTests
{
    private static readonly VectorWidth[] Widths = [VectorWidth.Bits128, VectorWidth.Bits256, VectorWidth.Bits512];

    public static TheoryData<int> Lengths()
    {
        var lengths = new TheoryData<int>();
        for (int length = 0; length <= 288; length += 16)
        {
            lengths.Add(length);
        }

        lengths.Add(784);
        lengths.Add(4096);
        return lengths;
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Every_width_gives_the_bits_of_the_scalar_kernel(int length)
    {
        WithVectors(length, (a, b) =>
        {
            float dot = DotKernel.Compute((float*)a, (float*)b, length, VectorWidth.Scalar);
            float square = SquaredDistanceKernel.Compute((float*)a, (float*)b, length, VectorWidth.Scalar);
            foreach (VectorWidth width in Widths)
            {
                Assert.Equal(dot, DotKernel.Compute((float*)a, (float*)b, length, width));
                Assert.Equal(square, SquaredDistanceKernel.Compute((float*)a, (float*)b, length, width));
            }

            Assert.Equal(dot, DotKernel.Compute((float*)a, (float*)b, length));
            Assert.Equal(square, SquaredDistanceKernel.Compute((float*)a, (float*)b, length));
        });
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Scalar_kernels_match_their_definitions(int length)
    {
        WithVectors(length, (a, b) =>
        {
            double dot = 0, square = 0, magnitude = 0;
            for (int i = 0; i < length; i++)
            {
                double x = ((float*)a)[i], y = ((float*)b)[i];
                dot += x * y;
                magnitude += Math.Abs(x * y);
                square += (x - y) * (x - y);
            }

            // Each of 64 accumulators has at most length / 64 roundings, and folding adds six.
            double roundings = ((length / 64) + 8) * Math.Pow(2, -24);
            Assert.InRange(
                DotKernel.Compute((float*)a, (float*)b, length, VectorWidth.Scalar),
                dot - (roundings * magnitude),
                dot + (roundings * magnitude));
            Assert.InRange(
                SquaredDistanceKernel.Compute((float*)a, (float*)b, length, VectorWidth.Scalar),
                square * (1 - (3 * roundings)),
                square * (1 + (3 * roundings)));
        });
    }

    [Fact]
    public void Every_component_counts_at_every_width()
    {
        const int Length = 208;
        WithVectors(Length, (a, b) =>
        {
            for (int i = 0; i < Length; i++)
            {
                new Span<float>((float*)a, Length).Clear();
                new Span<float>((float*)b, Length).Clear();
                ((float*)a)[i] = 3;
                ((float*)b)[i] = 5;
                foreach (VectorWidth width in (ReadOnlySpan<VectorWidth>)[VectorWidth.Scalar, .. Widths])
                {
                    Assert.Equal(15, DotKernel.Compute((float*)a, (float*)b, Length, width));
                    Assert.Equal(4, SquaredDistanceKernel.Compute((float*)a, (float*)b, Length, width));
                }
            }
        });
    }

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(192)]
    [InlineData(4096)]
    public void Code_products_are_the_same_integer_at_every_width(int length)
    {
        // The largest components of a code and of a query code of this length: the sum is just below 2^31.
        int largest = (int)Math.Sqrt(int.MaxValue / length) - 127;
        var random = new SeededRandom(3, length);
        short[] a = GC.AllocateArray<short>(length, pinned: true);
        sbyte[] b = GC.AllocateArray<sbyte>(length, pinned: true);
        for (int round = 0; round < 50; round++)
        {
            long expected = 0;
            for (int i = 0; i < length; i++)
            {
                a[i] = (short)(round == 0 ? -largest : random.NextInt32((2 * largest) + 1) - largest);
                b[i] = (sbyte)(round == 0 ? -127 : random.NextInt32(256) - 128);
                expected += a[i] * b[i];
            }

            fixed (short* first = a)
            {
                fixed (sbyte* second = b)
                {
                    Assert.Equal(expected, CodeDotKernel.Compute(first, second, length));
                    foreach (VectorWidth width in ((VectorWidth[])[VectorWidth.Scalar, .. Widths]).Where(CodeDistanceKernel.IsSupported))
                    {
                        Assert.Equal(expected, CodeDotKernel.Compute(first, second, length, width));
                    }
                }
            }
        }
    }

    private static void WithVectors(int length, Action<nint, nint> test)
    {
        // One float past a cache line: kernels must not rely on alignment.
        float* block = (float*)NativeMemory.AlignedAlloc((nuint)((2 * length) + 32) * sizeof(float), 64);
        try
        {
            float* a = block + 1, b = block + length + 16;
            TestData.Gaussian(1, length, 1).CopyTo(new Span<float>(a, length));
            TestData.Gaussian(1, length, 2).CopyTo(new Span<float>(b, length));
            test((nint)a, (nint)b);
        }
        finally
        {
            NativeMemory.AlignedFree(block);
        }
    }
}
