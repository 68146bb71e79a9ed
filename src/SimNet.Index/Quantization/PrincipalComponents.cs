using System.Numerics.Tensors;

namespace SimNet.Index;

// Principal component analysis (PCA) by orthogonal iteration (Golub and Van Loan, "Matrix Computations", 8.2.4), with a random start
// (Halko, Martinsson and Tropp, "Finding structure with randomness", 2011):
//
//   S <- a sample of the points, centered               (points x dimensions)
//   Q <- random orthonormal rows                        (components x dimensions)
//   three times:
//     Q <- orthonormal rows from (S Qᵀ)ᵀ S, in order
//   explained variance of component j <- |S qⱼ|² / |S|²
//
// The first rows of Q then approximately span the subspace with the most variance, and the first 64 of them the best subspace of 64
// dimensions. An approximation is sufficient, because the exactness of a search does not depend on it.

/// <summary>The principal components of a sample of points.</summary>
internal sealed unsafe class PrincipalComponents : IDisposable
{
    private const int MaxDirections = 256;
    private const int MaxSamples = 4096;
    private const int MinSamples = 512;
    private const int SampleComponents = 1 << 22;
    private const int Iterations = 3;
    private const long Stream = 0x5B5;

    private readonly IndexMemory _memory = new();
    private readonly AugmentedVectors _points;
    private readonly ParallelOptions _parallel;
    private readonly int _samples;
    private readonly int _sampleStride;
    private readonly float* _sample;
    private readonly float* _transposed;

    /// <summary>Computes the principal components of at least one point.</summary>
    public PrincipalComponents(AugmentedVectors points, ParallelOptions parallel)
    {
        _points = points;
        _parallel = parallel;
        _samples = Math.Min(points.Count, Math.Clamp(SampleComponents / points.Dimensions, MinSamples, MaxSamples));
        _sampleStride = VectorRows.StrideOf(_samples);
        Directions = Math.Min(Math.Min(points.Dimensions, MaxDirections), _samples);
        Mean = new float[points.Stride];
        ExplainedVariance = new double[Directions];
        try
        {
            _sample = _memory.Allocate<float>((long)_samples * points.Stride);
            _transposed = _memory.Allocate<float>((long)_sampleStride * points.Stride);
            Basis = _memory.Allocate<float>((long)Directions * points.Stride);
            Sample();
            Iterate();
            NearestNeighborShare = FindNearestNeighborShare();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The mean of the sample.</summary>
    public float[] Mean { get; }

    /// <summary>The factor that scales the centered points to a mean square norm of about 1.</summary>
    public float Scale { get; private set; }

    public int Directions { get; }

    /// <summary>The components: orthonormal rows with the stride of the points, in order of decreasing variance.</summary>
    public float* Basis { get; }

    /// <summary>The explained variance ratio of each component.</summary>
    public double[] ExplainedVariance { get; }

    /// <summary>
    /// The median squared distance of a row of the sample from its nearest neighbor in the sample, as a share of the variance. In a sample
    /// of thousands, that neighbor is about one of the ten nearest of tens of thousands.
    /// </summary>
    public double NearestNeighborShare { get; private set; }

    public void Dispose() => _memory.Dispose();

    /// <summary>
    /// Makes rows orthonormal in order (Gram-Schmidt, applied twice, which is sufficient). Linearly dependent rows are replaced by random
    /// ones.
    /// </summary>
    public static void Orthonormalize(
        float* rows, int count, int dimensions, int stride, SeededRandom random, CancellationToken cancellationToken)
    {
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            float* row = rows + ((long)i * stride);
            var span = new Span<float>(row, dimensions);
            while (true)
            {
                double before = Math.Sqrt(VectorRows.SumOfSquares(span));
                if (before > 0)
                {
                    TensorPrimitives.Multiply(span, (float)(1 / before), span);
                }

                double length = 0;
                for (int pass = 0; pass < 2; pass++)
                {
                    for (int j = 0; j < i; j++)
                    {
                        float* other = rows + ((long)j * stride);
                        float product = DotKernel.Compute(row, other, stride);
                        TensorPrimitives.FusedMultiplyAdd(new ReadOnlySpan<float>(other, dimensions), -product, span, span);
                    }

                    length = Math.Sqrt(VectorRows.SumOfSquares(span));
                    if (length > 0)
                    {
                        TensorPrimitives.Multiply(span, (float)(1 / length), span);
                    }

                    if (length < 1e-3)
                    {
                        break;
                    }
                }

                if (before > 0 && length > 0.5)
                {
                    break;
                }

                FillUniform(span, ref random);
            }
        }
    }

    /// <summary>
    /// Fills a vector with values between -1 and 1. This gives a random direction without logarithms and cosines, whose results differ
    /// between platforms.
    /// </summary>
    public static void FillUniform(Span<float> values, ref SeededRandom random)
    {
        foreach (ref float value in values)
        {
            value = (2 * random.NextSingle()) - 1;
        }
    }

    private void Sample()
    {
        int stride = _points.Stride;
        var sums = new double[stride];
        for (int i = 0; i < _samples; i++)
        {
            float* row = _sample + ((long)i * stride);
            _points.CopyTo((int)((long)i * _points.Count / _samples), row);
            for (int d = 0; d < stride; d++)
            {
                sums[d] += row[d];
            }
        }

        for (int d = 0; d < stride; d++)
        {
            Mean[d] = (float)(sums[d] / _samples);
        }

        double squares = 0;
        for (int i = 0; i < _samples; i++)
        {
            var row = new Span<float>(_sample + ((long)i * stride), stride);
            TensorPrimitives.Subtract(row, Mean, row);
            squares += VectorRows.SumOfSquares(row);
        }

        // The points may have norms up to 1e18, whose squares overflow when multiplied, or may all be equal.
        double root = Math.Sqrt(squares / _samples);
        Scale = (float)Math.Min(root > 0 ? 1 / root : 1, Math.Min(1e18, 1e15 / Math.Max(_points.MaxNorm, 1e-3)));
        new Span<float>(_transposed, _sampleStride * stride).Clear();
        for (int i = 0; i < _samples; i++)
        {
            float* row = _sample + ((long)i * stride);
            for (int d = 0; d < stride; d++)
            {
                row[d] *= Scale;
                _transposed[((long)d * _sampleStride) + i] = row[d];
            }
        }
    }

    private void Iterate()
    {
        int stride = _points.Stride, dimensions = _points.Dimensions;
        var random = new SeededRandom(Stream);
        for (int i = 0; i < Directions; i++)
        {
            var row = new Span<float>(Basis + ((long)i * stride), stride);
            row.Clear();
            FillUniform(row[..dimensions], ref random);
        }

        float* scores = _memory.Allocate<float>((long)Directions * _sampleStride);
        Orthonormalize(Basis, Directions, dimensions, stride, random, _parallel.CancellationToken);
        for (int iteration = 0; iteration <= Iterations; iteration++)
        {
            Multiply(Basis, Directions, stride, _sample, _samples, stride, scores, _sampleStride);
            if (iteration < Iterations)
            {
                Multiply(scores, Directions, _sampleStride, _transposed, dimensions, _sampleStride, Basis, stride);
                Orthonormalize(Basis, Directions, dimensions, stride, random, _parallel.CancellationToken);
            }
        }

        double all = VectorRows.SumOfSquares(new ReadOnlySpan<float>(_sample, _samples * stride));
        for (int i = 0; i < Directions; i++)
        {
            double energy = VectorRows.SumOfSquares(new ReadOnlySpan<float>(scores + ((long)i * _sampleStride), _samples));
            ExplainedVariance[i] = all > 0 ? energy / all : 0;
        }
    }

    private double FindNearestNeighborShare()
    {
        const int Asked = 64;
        int asked = Math.Min(Asked, _samples), stride = _points.Stride;
        var nearest = new float[asked];
        Parallel.For(0, asked, _parallel, i =>
        {
            float* row = _sample + ((long)i * _samples / asked * stride);
            float best = float.PositiveInfinity;
            for (int other = 0; other < _samples; other++)
            {
                // Equal rows say nothing about the distance between different ones.
                float distance = SquaredDistanceKernel.Compute(row, _sample + ((long)other * stride), stride);
                best = distance > 0 ? Math.Min(best, distance) : best;
            }

            nearest[i] = best;
        });
        Array.Sort(nearest);
        double all = VectorRows.SumOfSquares(new ReadOnlySpan<float>(_sample, _samples * stride)) / _samples;
        float median = nearest[asked / 2];
        return float.IsFinite(median) && all > 0 ? median / all : 1;
    }

    /// <summary>C ← A·Bᵀ; the padding of the rows of C is cleared.</summary>
    private void Multiply(float* a, int rowsOfA, int strideOfA, float* b, int rowsOfB, int strideOfB, float* c, int strideOfC)
    {
        int panels = (rowsOfB + GemmKernel.PanelRows - 1) / GemmKernel.PanelRows;
        Parallel.For(0, panels, _parallel, panel =>
        {
            using var scratch = new IndexMemory();
            int first = panel * GemmKernel.PanelRows, rows = Math.Min(GemmKernel.PanelRows, rowsOfB - first);
            float* packed = scratch.Allocate<float>((long)GemmKernel.PanelRows * strideOfA);
            float* result = scratch.Allocate<float>((long)GemmKernel.PanelRows * rowsOfA);
            GemmKernel.Pack(b + ((long)first * strideOfB), rows, strideOfB, strideOfA, packed);
            GemmKernel.Compute(a, rowsOfA, strideOfA, packed, strideOfA, result, GemmKernel.PanelRows);
            int width = Math.Min(GemmKernel.PanelRows, strideOfC - first);
            for (int row = 0; row < rowsOfA; row++)
            {
                new ReadOnlySpan<float>(result + ((long)row * GemmKernel.PanelRows), width)
                    .CopyTo(new Span<float>(c + ((long)row * strideOfC) + first, width));
            }
        });
    }
}
