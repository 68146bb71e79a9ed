using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary>
/// An 8-bit code of every row, by which rows are ranked, and rejected, at a fraction of the memory that the rows themselves take. With every code
/// goes how far it is from the truth, so that a rejection is proven.
/// </summary>
/// <remarks>
/// A code's point stands for the row within <c>error</c>: let f(x) be the exact projection of a row followed by the length of what is outside of the
/// projection's directions. Then |f(a) − f(b)| is at most |a − b|, and the code with its <c>residual</c>, that length, is no farther from f(x)
/// than its error. So |code(a) − code(b)| − error(a) − error(b) is a lower bound of the distance, in the projection's units.
/// </remarks>
internal sealed unsafe class RowCodes
{
    /// <summary>A code's length in memory is a multiple of this: a cache line.</summary>
    public const int Alignment = 64;

    /// <summary>So many squared differences of two codes' numbers still sum to less than 2³¹; further dimensions are left outside.</summary>
    public const int MaxDimensions = 32768;

    /// <summary>The range of a code in standard deviations of its numbers; rarer ones are cut off, at the cost of that row's error.</summary>
    private const double Range = 4.5;

    private const int Largest = 127;
    private const int RowsPerTask = 256;

    private RowCodes(Projection projection, float step, int count, sbyte* codes, float* bounds)
    {
        Projection = projection;
        Step = step;
        Count = count;
        Stride = StrideOf(projection.CodeDimensions);
        ScanStride = StrideOf(projection.ScanDimensions);
        Codes = codes;
        HasSecondStage = projection.ScanDimensions < projection.CodeDimensions;
        ScanBounds = new RowBounds(bounds, bounds + count);
        CodeBounds = HasSecondStage ? new RowBounds(bounds + (2L * count), bounds + (3L * count)) : ScanBounds;
    }

    public Projection Projection { get; }

    /// <summary>A code's 1, in the projection's units.</summary>
    public float Step { get; }

    public int Count { get; }

    /// <summary>Numbers from one code's start to the next's.</summary>
    public int Stride { get; }

    /// <summary>Numbers of a code, from its start, that a scan reads first.</summary>
    public int ScanStride { get; }

    public sbyte* Codes { get; }

    /// <summary>Whether a scan reads less than a whole code of most rows.</summary>
    public bool HasSecondStage { get; }

    /// <summary>What the part of a code that a scan reads first leaves unsaid.</summary>
    public RowBounds ScanBounds { get; }

    /// <summary>What the whole code leaves unsaid; the same memory where a scan reads all of it.</summary>
    public RowBounds CodeBounds { get; }

    public static RowCodes Build(VectorRows rows, IndexMemory memory, ParallelOptions parallel)
    {
        var points = new LiftedRows(rows, parallel.CancellationToken);
        Projection projection = Projection.Find(points, memory, parallel);
        int stride = StrideOf(projection.CodeDimensions);
        sbyte* codes = memory.Allocate<sbyte>((long)rows.Count * stride);
        float* bounds = memory.Allocate<float>(BoundsLength(projection, rows.Count));
        var result = new RowCodes(projection, StepFor(points, projection, parallel.CancellationToken), rows.Count, codes, bounds);
        var scratches = new ScratchPool<CodeScratch>(() => new CodeScratch(projection));
        Parallel.For(0, (rows.Count + RowsPerTask - 1) / RowsPerTask, parallel, task =>
        {
            CodeScratch scratch = scratches.Rent();
            int end = Math.Min(rows.Count, (task + 1) * RowsPerTask);
            for (int row = task * RowsPerTask; row < end; row++)
            {
                parallel.CancellationToken.ThrowIfCancellationRequested();
                points.CopyTo(row, scratch.Vector.Pointer);
                result.Encode(row, scratch);
            }

            scratches.Return(scratch);
        });
        return result;
    }

    /// <summary>Codes from a file.</summary>
    /// <exception cref="IndexFormatException">The sections do not fit one another, or a number is not what a build would write.</exception>
    public static RowCodes Read(IndexFileReader file)
    {
        Projection projection = Projection.Read(file);
        float step = *file.Floats(IndexSection.Step, 1);
        if (!float.IsNormal(step) || step <= 0)
        {
            throw file.Refusal(IndexSection.Step, $"the step is {step}; expected a positive number");
        }

        sbyte* codes = file.Items<sbyte>(IndexSection.Codes, (long)file.Count * StrideOf(projection.CodeDimensions));
        return new RowCodes(projection, step, file.Count, codes, file.Floats(IndexSection.Bounds, BoundsLength(projection, file.Count)));
    }

    public static int StrideOf(int dimensions) => (dimensions + Alignment - 1) / Alignment * Alignment;

    // NativeAOT has no profile by which it would inline this.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public sbyte* Code(int row) => Codes + ((long)row * Stride);

    /// <summary>Adds what <see cref="Read"/> reads.</summary>
    public void Write(IndexFileWriter writer)
    {
        writer.Add(IndexSection.Projection, Projection.Parameters);
        writer.Add(IndexSection.Mean, Projection.Mean, Projection.Stride);
        writer.Add(IndexSection.Basis, Projection.Basis, Projection.BasisLength);
        writer.Add(IndexSection.Step, Step);
        writer.Add(IndexSection.Codes, Codes, (long)Count * Stride);
        writer.Add(IndexSection.Bounds, ScanBounds.Residuals, BoundsLength(Projection, Count));
    }

    /// <summary>
    /// The residual and the error of a code of which the first <paramref name="dimensions"/> numbers are read.
    /// </summary>
    /// <param name="projection">What gave the numbers.</param>
    /// <param name="dimensions">How many of them.</param>
    /// <param name="squares">The squared length of the centred vector.</param>
    /// <param name="kept">Of it what the numbers have.</param>
    /// <param name="lost">The squared distance of the numbers from the code's.</param>
    public static (float Residual, float Error) BoundOf(Projection projection, int dimensions, double squares, double kept, double lost)
    {
        double length = Math.Sqrt(squares), slack = projection.Slack * length;
        double error = Math.Sqrt(lost) + slack, residual = 0;
        if (dimensions < projection.Dimensions)
        {
            // The difference of two squares, each right to this share of their larger, and from that the root's own error.
            double share = (2.2 * projection.Slack) + (2 * projection.Rounding);
            residual = Math.Sqrt(Math.Max(0, squares - kept));
            double byRoot = Math.Sqrt(share) * length;
            error += residual > byRoot ? share * squares / residual : byRoot;
        }

        // Rounding the result itself must not make the error smaller.
        return ((float)residual, (float)((error * 1.00001) + (residual * 1e-7)));
    }

    /// <summary>Residuals and errors of the rows, once or for both stages.</summary>
    private static long BoundsLength(Projection projection, int count) => (projection.ScanDimensions < projection.CodeDimensions ? 4L : 2L) * count;

    /// <summary>Four and a half standard deviations of the first numbers of a sample's rows fill the range of a code.</summary>
    private static float StepFor(LiftedRows points, Projection projection, CancellationToken cancellationToken)
    {
        const int Samples = 1024;
        int samples = Math.Min(points.Count, Samples), numbers = Math.Min(projection.CodeDimensions, Alignment);
        if (projection.Basis == null)
        {
            numbers = projection.CodeDimensions;
        }

        var scratch = new CodeScratch(projection);
        double squares = 0;
        for (int i = 0; i < samples; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            points.CopyTo((int)((long)i * points.Count / samples), scratch.Vector.Pointer);
            projection.Center(scratch.Vector.Pointer);
            projection.Project(scratch.Vector.Pointer, scratch.Numbers.Pointer);
            squares += VectorRows.SumOfSquares(scratch.Numbers.Span[..numbers]);
        }

        double deviation = samples == 0 ? 0 : Math.Sqrt(squares / ((double)samples * numbers));
        return deviation > 1e-12 ? (float)(Range * deviation / Largest) : 1f / Largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Encode(int row, CodeScratch scratch)
    {
        float* vector = scratch.Vector.Pointer, numbers = scratch.Numbers.Pointer;
        Projection.Center(vector);
        Projection.Project(vector, numbers);
        double squares = VectorRows.SumOfSquares(scratch.Vector.Span);
        sbyte* code = Code(row);
        new Span<sbyte>(code, Stride).Clear();
        float perStep = 1 / Step;
        double kept = 0, lost = 0;
        for (int i = 0; i < Projection.CodeDimensions; i++)
        {
            if (i == Projection.ScanDimensions)
            {
                (ScanBounds.Residuals[row], ScanBounds.Errors[row]) = BoundOf(Projection, i, squares, kept, lost);
            }

            float number = numbers[i];
            float rounded = MathF.Round(Math.Clamp(number * perStep, -Largest, Largest));
            code[i] = (sbyte)rounded;
            double difference = number - ((double)rounded * Step);
            kept += (double)number * number;
            lost += difference * difference;
        }

        (CodeBounds.Residuals[row], CodeBounds.Errors[row]) = BoundOf(Projection, Projection.CodeDimensions, squares, kept, lost);
    }
}
