using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Compute.Tests;

/// <summary>
/// The GEMM micro-kernel of every vector width against a product in double precision. Float32 sums of n products of numbers up to 1 are
/// within n * 1e-6.
/// </summary>
public sealed unsafe class GemmKernelTests
{
    [Theory]
    [InlineData(VectorWidth.Bits512)]
    [InlineData(VectorWidth.Bits256)]
    [InlineData(VectorWidth.Bits128)]
    [InlineData(VectorWidth.Scalar)]
    public void Products_match_the_definition_and_nothing_else_is_written(VectorWidth width)
    {
        GemmKernel kernel = KernelSet.Create(width).Gemm;
        Gen<(int Rows, int Columns, int Segments, int Length, int Step, bool Accumulate, bool Bias, int Seed)> shapes =
            from rows in Gen.Choose(1, 35)
            from columns in Gen.Choose(1, 32)
            from segments in Gen.Choose(0, 3)
            from length in Gen.Choose(1, 19)
            from step in Gen.Choose(1, 3)
            from accumulate in Gen.Elements(true, false)
            from bias in Gen.Elements(true, false)
            from seed in Gen.Choose(0, 1000)
            select (rows, columns, segments, length, step, accumulate, bias, seed);
        Prop.ForAll(shapes.ToArbitrary(), s => Check(kernel, s.Rows, s.Columns, s.Segments, s.Length, s.Step, s.Accumulate, s.Bias, s.Seed))
            .QuickCheckThrowOnFailure();
    }

    private static void Check(
        GemmKernel kernel, int rows, int columns, int segments, int length, int step, bool accumulate, bool withBias, int seed)
    {
        const float Untouched = 12345;
        var random = new SeededRandom(seed);
        int aSegment = length * step + 5;
        int bStep = 32 + seed % 3;
        int bSegment = length * bStep + 7;
        PinnedBuffer<float> a = Random(rows * 3 + segments * aSegment + 64, ref random);
        PinnedBuffer<float> b = Random(segments * bSegment + 64, ref random);
        PinnedBuffer<float> bias = Random(32, ref random);
        int cStride = columns + 3;
        PinnedBuffer<float> c = Random(rows * cStride + 40, ref random);
        var aRows = new PinnedBuffer<int>(rows);
        var cRows = new PinnedBuffer<int>(rows);
        var expected = new double[c.Length];
        Array.Fill(expected, Untouched);
        for (int row = 0; row < rows; row++)
        {
            aRows.Span[row] = random.NextInt32(rows * 3);
            cRows.Span[row] = row * cStride;
            for (int column = 0; column < cStride; column++)
            {
                ref float at = ref c.Span[row * cStride + column];
                at = column < columns ? at : Untouched;
                double sum = (accumulate ? at : 0) + (withBias ? bias.Span[Math.Min(column, 31)] : 0);
                for (int s = 0; s < segments; s++)
                {
                    for (int k = 0; k < length && column < columns; k++)
                    {
                        sum += (double)a.Span[aRows.Span[row] + s * aSegment + k * step] * b.Span[s * bSegment + k * bStep + column];
                    }
                }

                expected[row * cStride + column] = column < columns ? sum : Untouched;
            }
        }

        c.Span[(rows * cStride)..].Fill(Untouched);
        kernel.Multiply(new GemmPanel
        {
            A = a.Pointer,
            ARows = aRows.Pointer,
            AStep = step,
            ASegmentStride = aSegment,
            B = b.Pointer,
            BStep = bStep,
            BSegmentStride = bSegment,
            Segments = segments,
            SegmentLength = length,
            C = c.Pointer,
            CRows = cRows.Pointer,
            Rows = rows,
            Columns = columns,
            Bias = withBias ? bias.Pointer : null,
            Epilogue = new Epilogue { Accumulate = accumulate },
        });
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                expected[i] == Untouched ? c.Span[i] == Untouched : Math.Abs(expected[i] - c.Span[i]) < 1e-6 * (segments * length + 2),
                $"value {i} is {c.Span[i]}; expected {expected[i]}");
        }

        GC.KeepAlive(bias);
    }

    private static PinnedBuffer<float> Random(int length, ref SeededRandom random)
    {
        var buffer = new PinnedBuffer<float>(length);
        for (int i = 0; i < length; i++)
        {
            buffer.Span[i] = random.NextSingle() * 2 - 1;
        }

        return buffer;
    }
}
