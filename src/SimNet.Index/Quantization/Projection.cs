using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SimNet.Index;

/// <summary>
/// Maps augmented vectors to the few components that are quantized: centers them, scales them by <see cref="Scale"/>, and projects them
/// onto the principal components. A projection never increases a distance, except by <see cref="Slack"/>.
/// </summary>
/// <remarks>
/// The principal components are rotated at random in groups of 64, so that all dimensions of a group have about the same variance and one
/// quantization step suits all of them. If no few components explain most of the variance, there is no projection, and the centered vector
/// itself is quantized.
/// </remarks>
internal sealed unsafe class Projection
{
    /// <summary>
    /// The largest mean share of the squared distance to a near row that the code may leave out, so that codes can still rank near rows.
    /// 60,000 images of 784 components get 128 dimensions, and so do 40,000 embeddings of 512 components. High-recall searches are then a
    /// third faster than with 64 dimensions, which explain 95 % of the variance.
    /// </summary>
    private const double MaxResidual = 0.4;

    /// <summary>
    /// The explained variance that is sufficient in any case. For 100,000 embeddings of 128 components, 64 dimensions explain 97 %, and
    /// searches are a third faster than with all.
    /// </summary>
    private const double SufficientVariance = 0.97;

    /// <summary>The minimum explained variance of the first stage of a code.</summary>
    private const double FirstStageVariance = 0.8;

    /// <summary>The minimum explained variance of a projection; with less, the vectors themselves are quantized.</summary>
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

        // Each component is a sum of 64 accumulators of at most Dimensions / 64 products each, folded in halves. Every operation has a
        // relative rounding error of at most 2^-24, including the subtraction of the mean and the scaling.
        Rounding = (((double)dimensions / 64) + 10) / (1 << 24);
        Slack = basis == null ? Rounding : (Math.Sqrt(CodeDimensions) * Rounding) + parameters.OrthogonalityDefect;
    }

    public ProjectionParameters Parameters { get; }

    /// <summary>The number of coordinates of an augmented vector.</summary>
    public int Dimensions { get; }

    /// <summary>The number of coordinates of an augmented vector, with padding.</summary>
    public int Stride { get; }

    /// <summary>The number of dimensions of the projection.</summary>
    public int CodeDimensions => Parameters.CodeDimensions;

    /// <summary>The number of leading dimensions that the first stage of a scan reads.</summary>
    public int FirstStageDimensions => Parameters.FirstStageDimensions;

    /// <summary>Whether vectors are projected onto principal components instead of being quantized directly.</summary>
    public bool HasBasis => _basis != null;

    /// <summary>The factor by which distances are multiplied.</summary>
    public float Scale => Parameters.Scale;

    /// <summary>M of <see cref="AugmentedVectors"/>.</summary>
    public double MaxNorm => Parameters.MaxNorm;

    /// <summary>The largest relative error of a sum over the components of a vector.</summary>
    public double Rounding { get; }

    /// <summary>
    /// The largest distance from the exact projection, relative to the norm of the centered vector: rounding errors, and the deviation of
    /// the basis from orthonormality.
    /// </summary>
    public double Slack { get; }

    public float* Mean => _mean;

    public float* Basis => _basis;

    /// <summary>The number of values in <see cref="Basis"/>.</summary>
    public long BasisLength => BasisLengthOf(Parameters, Stride);

    public static Projection Find(AugmentedVectors points, IndexMemory memory, ParallelOptions parallel)
    {
        float* mean = memory.Allocate<float>(points.Stride);
        if (points.Count == 0)
        {
            new Span<float>(mean, points.Stride).Clear();
            int all = Math.Min(points.Dimensions, ScalarQuantizedCodes.MaxDimensions);
            var parametersOfNone = new ProjectionParameters { CodeDimensions = all, FirstStageDimensions = all, Scale = 1, MaxNorm = 0 };
            return new Projection(parametersOfNone, points.Dimensions, mean, null);
        }

        using var components = new PrincipalComponents(points, parallel);
        components.Mean.CopyTo(new Span<float>(mean, points.Stride));
        double target = Math.Min(SufficientVariance, 1 - (MaxResidual * components.NearestNeighborShare));
        int code = DimensionsFor(target, components.ExplainedVariance, out double variance);
        if (code < points.Dimensions && variance < MinVariance)
        {
            int all = Math.Min(points.Dimensions, ScalarQuantizedCodes.MaxDimensions);
            return new Projection(
                new ProjectionParameters
                {
                    CodeDimensions = all,
                    FirstStageDimensions = all,
                    Scale = components.Scale,
                    MaxNorm = points.MaxNorm,
                },
                points.Dimensions,
                mean,
                null);
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

    /// <summary>Reads a projection from a file.</summary>
    /// <exception cref="IndexFormatException">The values are inconsistent.</exception>
    public static Projection Read(IndexFileReader file)
    {
        int dimensions = AugmentedVectors.DimensionsOf(file.Dimensions, file.Metric), stride = VectorRows.StrideOf(dimensions);
        ProjectionParameters parameters = *file.Items<ProjectionParameters>(IndexSection.Projection, 1);
        bool isSound = parameters.CodeDimensions >= 1
            && parameters.CodeDimensions <= Math.Min(dimensions, ScalarQuantizedCodes.MaxDimensions)
            && parameters.FirstStageDimensions >= 1 && parameters.FirstStageDimensions <= parameters.CodeDimensions
            && (parameters.FirstStageDimensions == parameters.CodeDimensions
                || parameters.FirstStageDimensions % ScalarQuantizedCodes.Alignment == 0)
            && parameters.HasBasis is 0 or 1
            && float.IsNormal(parameters.Scale) && parameters.Scale > 0
            && parameters.MaxNorm is >= 0 and <= VectorRows.MaxNorm
            && parameters.OrthogonalityDefect is >= 0 and <= 1;
        if (!isSound)
        {
            throw file.Invalid(
                IndexSection.Projection,
                $"{parameters.CodeDimensions} code dimensions with a first stage of {parameters.FirstStageDimensions}, "
                + $"scale {parameters.Scale}, maximum norm {parameters.MaxNorm}; "
                + $"expected positive values and at most {dimensions} dimensions");
        }

        float* mean = file.Floats(IndexSection.Mean, stride);
        float* basis = file.Floats(IndexSection.Basis, BasisLengthOf(parameters, stride));
        return new Projection(parameters, dimensions, mean, parameters.HasBasis == 1 ? basis : null);
    }

    /// <summary>Centers and scales an augmented vector in place.</summary>
    public void Center(float* augmented)
    {
        var vector = new Span<float>(augmented, Stride);
        TensorPrimitives.Subtract(vector, new ReadOnlySpan<float>(_mean, Stride), vector);
        TensorPrimitives.Multiply(vector, Scale, vector);
    }

    /// <summary>Projects a centered vector.</summary>
    /// <param name="centered">A vector processed by <see cref="Center"/>.</param>
    /// <param name="components">Receives <see cref="CodeDimensions"/> components.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Project(float* centered, float* components)
    {
        if (_basis == null)
        {
            new ReadOnlySpan<float>(centered, CodeDimensions).CopyTo(new Span<float>(components, CodeDimensions));
            return;
        }

        float* direction = _basis;
        for (int i = 0; i < CodeDimensions; i++, direction += Stride)
        {
            components[i] = DotKernel.Compute(direction, centered, Stride);
        }
    }

    private static long BasisLengthOf(in ProjectionParameters parameters, int stride) =>
        parameters.HasBasis == 1 ? (long)parameters.CodeDimensions * stride : 0;

    /// <summary>
    /// The number of components, in whole cache lines of a code, that explain a share of the variance; all components if none do.
    /// </summary>
    private static int DimensionsFor(double share, double[] variances, out double variance)
    {
        variance = 0;
        for (int i = 0; i < variances.Length; i++)
        {
            variance += variances[i];
            if ((i + 1) % ScalarQuantizedCodes.Alignment == 0 && variance >= share)
            {
                return i + 1;
            }
        }

        return variances.Length;
    }

    /// <summary>Rotates the components of each group of 64 at random.</summary>
    private static void Rotate(
        float* directions, int count, int dimensions, int stride, float* rotated, CancellationToken cancellationToken)
    {
        using var memory = new IndexMemory();
        var random = new SeededRandom(RotationStream);
        for (int first = 0; first < count; first += ScalarQuantizedCodes.Alignment)
        {
            int size = Math.Min(ScalarQuantizedCodes.Alignment, count - first), rotationStride = VectorRows.StrideOf(size);
            float* rotation = memory.Allocate<float>((long)size * rotationStride);
            var components = new Span<float>(rotation, size * rotationStride);
            components.Clear();
            for (int row = 0; row < size; row++)
            {
                PrincipalComponents.FillUniform(components.Slice(row * rotationStride, size), ref random);
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

        // Corrects the rounding errors of the rotation.
        PrincipalComponents.Orthonormalize(rotated, count, dimensions, stride, random, cancellationToken);
    }

    /// <summary>
    /// The deviation of rows W from orthonormality: the Frobenius norm of WWᵀ - I. It bounds the distance of W from (WWᵀ)^(-½) W,
    /// whose rows are orthonormal and span the same subspace.
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
