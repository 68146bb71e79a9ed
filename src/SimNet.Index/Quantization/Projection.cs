using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary>
/// How lifted vectors become the few numbers that codes are made of: centred, scaled by <see cref="Scale"/>, and projected on orthonormal directions in
/// which the rows vary most. A projection shortens distances and never lengthens them, but for <see cref="Slack"/>.
/// </summary>
/// <remarks>
/// The directions of each 64 are rotated at random among themselves, so that every coordinate varies about as much as the next and one step
/// serves to quantise all. Where no few directions keep most of the variance there are none, and the numbers are the centred vector's own.
/// </remarks>
internal sealed unsafe class Projection
{
    /// <summary>
    /// What a code leaves out is on average at most this share of the squared distance to a near row, or codes would not tell near rows from
    /// nearer ones. Measured: 60,000 pictures of 784 numbers get 128 directions, 40,000 embeddings of 512 numbers as many, with which searches of
    /// high recall are a third faster than with 64 that have 95 % of the variance.
    /// </summary>
    private const double MaxResidual = 0.4;

    /// <summary>
    /// Or the code keeps this share of the variance. Measured: of 100,000 embeddings of 128 numbers 64 directions keep 97 %, with which searches are
    /// a third faster than with all.
    /// </summary>
    private const double SufficientVariance = 0.97;

    /// <summary>Of this share the numbers that a scan reads first keep at least.</summary>
    private const double FirstStageVariance = 0.8;

    /// <summary>If as many directions as were looked for keep less than this share, there is no projection.</summary>
    private const double MinVariance = 0.8;

    private const long RotationStream = 0x40747;

    private readonly float* _mean;
    private readonly float* _basis;

    private Projection(in ProjectionParameters parameters, int dimensions, float* mean, float* basis)
    {
        Parameters = parameters;
        Dimensions = dimensions;
        Stride = VectorRows.StrideOf(dimensions);
        _mean = mean;
        _basis = basis;

        // Each number is a sum of 64 running ones of at most Dimensions / 64 products each, folded in halves; every operation rounds by at
        // most one part in 2^24, and so do the subtraction of the mean and the scaling.
        Rounding = (((double)dimensions / 64) + 10) / (1 << 24);
        Slack = basis == null ? Rounding : (Math.Sqrt(CodeDimensions) * Rounding) + parameters.OrthogonalityDefect;
    }

    public ProjectionParameters Parameters { get; }

    /// <summary>Of a lifted vector.</summary>
    public int Dimensions { get; }

    /// <summary>Of a lifted vector, padded.</summary>
    public int Stride { get; }

    /// <summary>How many numbers come out.</summary>
    public int CodeDimensions => Parameters.CodeDimensions;

    /// <summary>How many of them, from the first, a scan reads of every row.</summary>
    public int FirstStageDimensions => Parameters.FirstStageDimensions;

    /// <summary>Whether the rows vary in few directions, and the numbers are those along them.</summary>
    public bool HasBasis => _basis != null;

    /// <summary>Distances are multiplied by this.</summary>
    public float Scale => Parameters.Scale;

    /// <summary>M of <see cref="AugmentedVectors"/>.</summary>
    public double MaxNorm => Parameters.MaxNorm;

    /// <summary>The most that computing a sum over a vector's numbers adds to it or takes from it, as a share.</summary>
    public double Rounding { get; }

    /// <summary>
    /// How far the numbers may lie from those of an exact projection, as a share of the centred vector's length: what rounding does, and what
    /// the directions lack of being orthonormal.
    /// </summary>
    public double Slack { get; }

    public float* Mean => _mean;

    public float* Basis => _basis;

    /// <summary>Numbers of <see cref="Basis"/>.</summary>
    public long BasisLength => BasisLengthOf(Parameters, Stride);

    public static Projection Find(AugmentedVectors points, IndexMemory memory, ParallelOptions parallel)
    {
        float* mean = memory.Allocate<float>(points.Stride);
        if (points.Count == 0)
        {
            new Span<float>(mean, points.Stride).Clear();
            int all = Math.Min(points.Dimensions, ScalarQuantizedCodes.MaxDimensions);
            return new Projection(new ProjectionParameters { CodeDimensions = all, FirstStageDimensions = all, Scale = 1, MaxNorm = 0 }, points.Dimensions, mean, null);
        }

        using var components = new PrincipalComponents(points, parallel);
        components.Mean.CopyTo(new Span<float>(mean, points.Stride));
        int code = DimensionsFor(Math.Min(SufficientVariance, 1 - (MaxResidual * components.NearestNeighborShare)), components.ExplainedVariance, out double energy);
        if (code < points.Dimensions && energy < MinVariance)
        {
            int all = Math.Min(points.Dimensions, ScalarQuantizedCodes.MaxDimensions);
            return new Projection(
                new ProjectionParameters { CodeDimensions = all, FirstStageDimensions = all, Scale = components.Scale, MaxNorm = points.MaxNorm }, points.Dimensions, mean, null);
        }

        float* basis = memory.Allocate<float>((long)code * points.Stride);
        Rotate(components.Basis, code, points.Dimensions, points.Stride, basis, parallel.CancellationToken);
        int scan = Math.Min(code, DimensionsFor(FirstStageVariance, components.ExplainedVariance, out _));
        var parameters = new ProjectionParameters
        {
            CodeDimensions = code,
            FirstStageDimensions = scan,
            HasBasis = 1,
            Scale = components.Scale,
            MaxNorm = points.MaxNorm,
            OrthogonalityDefect = OrthogonalityDefectOf(basis, code, points.Dimensions, points.Stride, parallel),
        };
        return new Projection(parameters, points.Dimensions, mean, basis);
    }

    /// <summary>A projection from a file.</summary>
    /// <exception cref="IndexFormatException">The numbers contradict one another.</exception>
    public static Projection Read(IndexFileReader file)
    {
        int dimensions = AugmentedVectors.DimensionsOf(file.Dimensions, file.Metric), stride = VectorRows.StrideOf(dimensions);
        ProjectionParameters parameters = *file.Items<ProjectionParameters>(IndexSection.Projection, 1);
        bool isSound = parameters.CodeDimensions >= 1 && parameters.CodeDimensions <= Math.Min(dimensions, ScalarQuantizedCodes.MaxDimensions)
            && parameters.FirstStageDimensions >= 1 && parameters.FirstStageDimensions <= parameters.CodeDimensions
            && (parameters.FirstStageDimensions == parameters.CodeDimensions || parameters.FirstStageDimensions % ScalarQuantizedCodes.Alignment == 0)
            && parameters.HasBasis is 0 or 1
            && float.IsNormal(parameters.Scale) && parameters.Scale > 0
            && parameters.MaxNorm is >= 0 and <= VectorRows.MaxNorm
            && parameters.OrthogonalityDefect is >= 0 and <= 1;
        if (!isSound)
        {
            throw file.Invalid(
                IndexSection.Projection,
                $"{parameters.CodeDimensions} numbers to a code, {parameters.FirstStageDimensions} of them read first, unit {parameters.Scale}, length {parameters.MaxNorm}; expected positive numbers, at most {dimensions} to a code");
        }

        float* mean = file.Floats(IndexSection.Mean, stride);
        float* basis = file.Floats(IndexSection.Basis, BasisLengthOf(parameters, stride));
        return new Projection(parameters, dimensions, mean, parameters.HasBasis == 1 ? basis : null);
    }

    /// <summary>Centres and scales a lifted vector in place.</summary>
    public void Center(float* lifted)
    {
        var vector = new Span<float>(lifted, Stride);
        TensorPrimitives.Subtract(vector, new ReadOnlySpan<float>(_mean, Stride), vector);
        TensorPrimitives.Multiply(vector, Scale, vector);
    }

    /// <summary>The numbers of a centred vector.</summary>
    /// <param name="centered">What <see cref="Center"/> made.</param>
    /// <param name="numbers">Filled; <see cref="CodeDimensions"/> of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Project(float* centered, float* numbers)
    {
        if (_basis == null)
        {
            new ReadOnlySpan<float>(centered, CodeDimensions).CopyTo(new Span<float>(numbers, CodeDimensions));
            return;
        }

        float* direction = _basis;
        for (int i = 0; i < CodeDimensions; i++, direction += Stride)
        {
            numbers[i] = DotKernel.Compute(direction, centered, Stride);
        }
    }

    private static long BasisLengthOf(in ProjectionParameters parameters, int stride) => parameters.HasBasis == 1 ? (long)parameters.CodeDimensions * stride : 0;

    /// <summary>How many directions, in whole cache lines of a code, keep a share of the variance; all that there are if none do.</summary>
    private static int DimensionsFor(double share, double[] energies, out double energy)
    {
        energy = 0;
        for (int i = 0; i < energies.Length; i++)
        {
            energy += energies[i];
            if ((i + 1) % ScalarQuantizedCodes.Alignment == 0 && energy >= share)
            {
                return i + 1;
            }
        }

        return energies.Length;
    }

    /// <summary>Turns the directions of each block of 64 by a random rotation.</summary>
    private static void Rotate(float* directions, int count, int dimensions, int stride, float* rotated, CancellationToken cancellationToken)
    {
        using var memory = new IndexMemory();
        var random = new SeededRandom(RotationStream);
        for (int first = 0; first < count; first += ScalarQuantizedCodes.Alignment)
        {
            int size = Math.Min(ScalarQuantizedCodes.Alignment, count - first), rotationStride = VectorRows.StrideOf(size);
            float* rotation = memory.Allocate<float>((long)size * rotationStride);
            var numbers = new Span<float>(rotation, size * rotationStride);
            numbers.Clear();
            for (int row = 0; row < size; row++)
            {
                PrincipalComponents.FillUniform(numbers.Slice(row * rotationStride, size), ref random);
            }

            PrincipalComponents.Orthonormalize(rotation, size, size, rotationStride, random, cancellationToken);
            for (int row = 0; row < size; row++)
            {
                var target = new Span<float>(rotated + ((long)(first + row) * stride), stride);
                target.Clear();
                for (int i = 0; i < size; i++)
                {
                    var direction = new ReadOnlySpan<float>(directions + ((long)(first + i) * stride), stride);
                    TensorPrimitives.FusedMultiplyAdd(direction, rotation[(row * rotationStride) + i], target, target);
                }
            }
        }

        // What the rotation rounds away is put right once more.
        PrincipalComponents.Orthonormalize(rotated, count, dimensions, stride, random, cancellationToken);
    }

    /// <summary>
    /// How far rows W are from orthonormal ones: the Frobenius norm of WWᵀ − I, which bounds the distance of W from (WWᵀ)^(−½) W, whose rows
    /// are orthonormal and span the same.
    /// </summary>
    private static double OrthogonalityDefectOf(float* rows, int count, int dimensions, int stride, ParallelOptions parallel)
    {
        var squares = new double[count];
        Parallel.For(0, count, parallel, i =>
        {
            double sum = 0;
            float* row = rows + ((long)i * stride);
            for (int j = 0; j < count; j++)
            {
                float* other = rows + ((long)j * stride);
                double product = 0;
                for (int d = 0; d < dimensions; d++)
                {
                    product += (double)row[d] * other[d];
                }

                double defect = product - (i == j ? 1 : 0);
                sum += defect * defect;
            }

            squares[i] = sum;
        });
        return Math.Sqrt(squares.Sum());
    }
}
