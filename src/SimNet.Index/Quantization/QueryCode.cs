using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>
/// The code of a query and its error bounds, for comparison with <see cref="ScalarQuantizedCodes"/>.
/// </summary>
internal sealed unsafe class QueryCode
{
    private readonly VectorRows _rows;
    private readonly ScalarQuantizedCodes _codes;
    private readonly CodeScratch _scratch;
    private readonly short[] _code;
    private readonly int _largest;
    private double _scale;

    public QueryCode(VectorRows rows, ScalarQuantizedCodes codes)
    {
        _rows = rows;
        _codes = codes;
        _scratch = new CodeScratch(codes.Projection);
        _code = GC.AllocateArray<short>(codes.Stride, pinned: true);

        // A query may lie outside the range of the rows. Its code has 16 bits and covers as much as sums of squared differences below 2^31
        // allow.
        _largest = (int)Math.Sqrt(int.MaxValue / codes.Stride) - 127;
    }

    /// <summary>16-bit components in quantization steps, padded with zeros. Valid while this object is reachable.</summary>
    public short* Code => (short*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_code));

    /// <summary>The bounds for the first stage of a code.</summary>
    public (float Residual, float Error) FirstStageBound { get; private set; }

    /// <summary>The bounds for the whole code.</summary>
    public (float Residual, float Error) CodeBound { get; private set; }

    /// <summary>Encodes a query. Its bounds are unknown until <see cref="FindBounds"/> is called.</summary>
    /// <param name="query">The query in the form of <see cref="VectorRows.StoreQuery"/>.</param>
    public void Encode(float* query)
    {
        Projection projection = _codes.Projection;
        float* vector = _scratch.Vector.Pointer, components = _scratch.Components.Pointer;
        Augment(query, _scratch.Vector.Span);
        projection.Center(vector);
        projection.Project(vector, components);
        short* code = Code;
        Vector256<float> perStep = Vector256.Create(1 / _codes.Step), largest = Vector256.Create((float)_largest);
        for (int i = 0; i < _scratch.Components.Span.Length; i += Vector256<float>.Count)
        {
            Vector256<float> steps = Vector256.Load(components + i) * perStep;
            Vector256<int> rounded = Vector256.ConvertToInt32(Vector256.Round(Vector256.Max(Vector256.Min(steps, largest), -largest)));
            Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(code + i);
        }
    }

    /// <summary>Computes the error bounds of the code, which exact searches need and approximate ones do not.</summary>
    public void FindBounds()
    {
        Projection projection = _codes.Projection;
        ReadOnlySpan<float> components = _scratch.Components.Span;
        double squares = VectorRows.SumOfSquares(_scratch.Vector.Span), kept = 0, lost = 0;
        for (int i = 0; i < projection.CodeDimensions; i++)
        {
            if (i == projection.FirstStageDimensions)
            {
                FirstStageBound = ScalarQuantizedCodes.BoundOf(projection, i, squares, kept, lost);
            }

            double difference = components[i] - ((double)_code[i] * _codes.Step);
            kept += (double)components[i] * components[i];
            lost += difference * difference;
        }

        CodeBound = ScalarQuantizedCodes.BoundOf(projection, projection.CodeDimensions, squares, kept, lost);
        if (!_codes.HasSecondStage)
        {
            FirstStageBound = CodeBound;
        }
    }

    /// <summary>
    /// The largest possible distance between the query and a row, in the units of the projection, if the search computes at most this
    /// distance for them. Includes all rounding errors.
    /// </summary>
    public float RadiusOf(float distance)
    {
        if (float.IsPositiveInfinity(distance))
        {
            return distance;
        }

        Projection projection = _codes.Projection;
        double rounding = projection.Rounding + 1e-6, radius;
        switch (_rows.Metric)
        {
            case Metric.Euclidean:
                // Squares below the smallest float vanish.
                radius = distance < 0 ? 0 : (distance * (1 + rounding)) + (Math.Sqrt(projection.Dimensions) * 1e-22);
                break;
            case Metric.Cosine:
                // |a - b|² = 2 (1 - ab) for unit vectors, and 1 if one of them is zero, whose distance is defined as 1.
                radius = Math.Sqrt(2 * (Math.Max(0, distance) + (2 * rounding)));
                break;
            default:
                // |q - x|² = M² + M² - 2qx for the query scaled to norm M. Products below the smallest float vanish.
                double norm = projection.MaxNorm;
                double both = 2 * norm * norm * (1 + (2 * rounding));
                double product = 2 * _scale * (distance + (projection.Dimensions * 1e-44));
                radius = Math.Sqrt(Math.Max(0, both + product));
                break;
        }

        return (float)(radius * projection.Scale * 1.000001);
    }

    private void Augment(float* query, Span<float> augmented)
    {
        var vector = new ReadOnlySpan<float>(query, _rows.Dimensions);
        augmented[vector.Length..].Clear();
        vector.CopyTo(augmented);
        if (_rows.Metric == Metric.InnerProduct)
        {
            double length = Math.Sqrt(VectorRows.SumOfSquares(vector));
            _scale = length > 0 ? _codes.Projection.MaxNorm / length : 0;
            for (int i = 0; i < vector.Length; i++)
            {
                augmented[i] = (float)(vector[i] * _scale);
            }
        }
    }
}
