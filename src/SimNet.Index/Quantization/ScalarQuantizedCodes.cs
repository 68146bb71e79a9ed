using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary>
/// The scalar-quantized code (SQ8) of every row: 8 bits per dimension of the projection. Codes rank and exclude rows at a fraction of the
/// memory traffic of the rows themselves. Each code has error bounds, so that an exclusion is proven.
/// </summary>
/// <remarks>
/// Let f(x) be the exact projection of a row, followed by its residual: the norm of the part outside the projection. Then |f(a) - f(b)| ≤
/// |a - b|, and a code together with its residual is within its error of f(x). Hence |code(a) - code(b)| - error(a) - error(b) is a lower
/// bound of the distance, in the units of the projection.
/// </remarks>
internal sealed unsafe class ScalarQuantizedCodes
{
    /// <summary>The length of a code in memory is a multiple of this: a cache line.</summary>
    public const int Alignment = 64;

    /// <summary>
    /// The largest number of dimensions whose squared differences sum to less than 2³¹; further dimensions are not encoded.
    /// </summary>
    public const int MaxDimensions = 32768;

    /// <summary>
    /// The range of a code in standard deviations of its components; values outside are clamped, which increases the error of the row.
    /// </summary>
    private const double Range = 4.5;

    private const int Largest = 127;
    private const int RowsPerTask = 256;

    private ScalarQuantizedCodes(Projection projection, float step, int count, sbyte* codes, float* bounds)
    {
        Projection = projection;
        Step = step;
        Count = count;
        Stride = StrideOf(projection.CodeDimensions);
        FirstStageStride = StrideOf(projection.FirstStageDimensions);
        Codes = codes;
        HasSecondStage = projection.FirstStageDimensions < projection.CodeDimensions;
        FirstStageBounds = new ErrorBounds(bounds, bounds + count);
        CodeBounds = HasSecondStage ? new ErrorBounds(bounds + (2L * count), bounds + (3L * count)) : FirstStageBounds;
    }

    public Projection Projection { get; }

    /// <summary>The quantization step, in the units of the projection.</summary>
    public float Step { get; }

    public int Count { get; }

    /// <summary>The distance between the starts of two consecutive codes, in components.</summary>
    public int Stride { get; }

    /// <summary>The number of leading components that the first stage of a scan reads.</summary>
    public int FirstStageStride { get; }

    public sbyte* Codes { get; }

    /// <summary>Whether the first stage of a scan reads less than the whole code.</summary>
    public bool HasSecondStage { get; }

    /// <summary>The error bounds of the first stage.</summary>
    public ErrorBounds FirstStageBounds { get; }

    /// <summary>The error bounds of the whole code; the same memory if there is only one stage.</summary>
    public ErrorBounds CodeBounds { get; }

    public static ScalarQuantizedCodes Build(VectorRows rows, IndexMemory memory, ParallelOptions parallel)
    {
        var points = new AugmentedVectors(rows, parallel.CancellationToken);
        Projection projection = Projection.Find(points, memory, parallel);
        int stride = StrideOf(projection.CodeDimensions);
        sbyte* codes = memory.Allocate<sbyte>((long)rows.Count * stride);
        float* bounds = memory.Allocate<float>(BoundsLength(projection, rows.Count));
        var result = new ScalarQuantizedCodes(
            projection, StepFor(points, projection, parallel.CancellationToken), rows.Count, codes, bounds);
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

    /// <summary>Reads codes from a file.</summary>
    /// <exception cref="IndexFormatException">The sections are inconsistent, or a value is invalid.</exception>
    public static ScalarQuantizedCodes Read(IndexFileReader file)
    {
        Projection projection = Projection.Read(file);
        float step = *file.Floats(IndexSection.Step, 1);
        if (!float.IsNormal(step) || step <= 0)
        {
            throw file.Invalid(IndexSection.Step, $"the step is {step}; expected a positive value");
        }

        sbyte* codes = file.Items<sbyte>(IndexSection.Codes, (long)file.Count * StrideOf(projection.CodeDimensions));
        return new ScalarQuantizedCodes(
            projection, step, file.Count, codes, file.Floats(IndexSection.Bounds, BoundsLength(projection, file.Count)));
    }

    public static int StrideOf(int dimensions) => (dimensions + Alignment - 1) / Alignment * Alignment;

    // NativeAOT has no profile by which it would inline this.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public sbyte* Code(int row) => Codes + ((long)row * Stride);

    /// <summary>
    /// Whether the farthest code of a full pool is farther from the query than the errors of two codes. If not, the pool is a sample of
    /// more rows that all have about the same code, in no order.
    /// </summary>
    public bool DoRank(CandidatePool pool)
    {
        if (pool.Limit == int.MaxValue)
        {
            return true;
        }

        float errors = 2 * CodeBounds.Errors[pool.Row(0)] / Step;
        return pool.Limit > errors * errors;
    }

    /// <summary>Adds the sections that <see cref="Read"/> reads.</summary>
    public void Write(IndexFileWriter writer)
    {
        writer.Add(IndexSection.Projection, Projection.Parameters);
        writer.Add(IndexSection.Mean, Projection.Mean, Projection.Stride);
        writer.Add(IndexSection.Basis, Projection.Basis, Projection.BasisLength);
        writer.Add(IndexSection.Step, Step);
        writer.Add(IndexSection.Codes, Codes, (long)Count * Stride);
        writer.Add(IndexSection.Bounds, FirstStageBounds.Residuals, BoundsLength(Projection, Count));
    }

    /// <summary>
    /// The residual and the error of a code of which the first <paramref name="dimensions"/> components are read.
    /// </summary>
    /// <param name="projection">The projection.</param>
    /// <param name="dimensions">The number of components.</param>
    /// <param name="squares">The squared norm of the centered vector.</param>
    /// <param name="kept">The squared norm of these components before quantization.</param>
    /// <param name="lost">The squared distance of these components from the code.</param>
    public static (float Residual, float Error) BoundOf(Projection projection, int dimensions, double squares, double kept, double lost)
    {
        double length = Math.Sqrt(squares), slack = projection.Slack * length;
        double error = Math.Sqrt(lost) + slack, residual = 0;
        if (dimensions < projection.Dimensions)
        {
            // The error of the difference of two squares, each with this relative error of the larger one, and of its root.
            double share = (2.2 * projection.Slack) + (2 * projection.Rounding);
            residual = Math.Sqrt(Math.Max(0, squares - kept));
            double byRoot = Math.Sqrt(share) * length;
            error += residual > byRoot ? share * squares / residual : byRoot;
        }

        // Rounding the result must not decrease the error.
        return ((float)residual, (float)((error * 1.00001) + (residual * 1e-7)));
    }

    /// <summary>The number of residuals and errors, for one or both stages.</summary>
    private static long BoundsLength(Projection projection, int count) =>
        (projection.FirstStageDimensions < projection.CodeDimensions ? 4L : 2L) * count;

    /// <summary>Chooses the step so that the range of a code is 4.5 standard deviations of the first components of a sample.</summary>
    private static float StepFor(AugmentedVectors points, Projection projection, CancellationToken cancellationToken)
    {
        const int Samples = 1024;
        int samples = Math.Min(points.Count, Samples), components = Math.Min(projection.CodeDimensions, Alignment);
        if (projection.Basis == null)
        {
            components = projection.CodeDimensions;
        }

        var scratch = new CodeScratch(projection);
        double squares = 0;
        for (int i = 0; i < samples; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            points.CopyTo((int)((long)i * points.Count / samples), scratch.Vector.Pointer);
            projection.Center(scratch.Vector.Pointer);
            projection.Project(scratch.Vector.Pointer, scratch.Components.Pointer);
            squares += VectorRows.SumOfSquares(scratch.Components.Span[..components]);
        }

        double deviation = samples == 0 ? 0 : Math.Sqrt(squares / ((double)samples * components));
        return deviation > 1e-12 ? (float)(Range * deviation / Largest) : 1f / Largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Encode(int row, CodeScratch scratch)
    {
        float* vector = scratch.Vector.Pointer, components = scratch.Components.Pointer;
        Projection.Center(vector);
        Projection.Project(vector, components);
        double squares = VectorRows.SumOfSquares(scratch.Vector.Span);
        sbyte* code = Code(row);
        new Span<sbyte>(code, Stride).Clear();
        float perStep = 1 / Step;
        double kept = 0, lost = 0;
        for (int i = 0; i < Projection.CodeDimensions; i++)
        {
            if (i == Projection.FirstStageDimensions)
            {
                (FirstStageBounds.Residuals[row], FirstStageBounds.Errors[row]) = BoundOf(Projection, i, squares, kept, lost);
            }

            float component = components[i];
            float rounded = MathF.Round(Math.Clamp(component * perStep, -Largest, Largest));
            code[i] = (sbyte)rounded;
            double difference = component - ((double)rounded * Step);
            kept += (double)component * component;
            lost += difference * difference;
        }

        (CodeBounds.Residuals[row], CodeBounds.Errors[row]) = BoundOf(Projection, Projection.CodeDimensions, squares, kept, lost);
    }
}
