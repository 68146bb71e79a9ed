using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Index;

/// <summary>One query, coded as the rows are, with what its code leaves unsaid: what a search compares with <see cref="ScalarQuantizedCodes"/>.</summary>
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

        // A query may lie outside of the rows' range. As far as sums of squared differences stay below 2^31 its code follows it.
        _largest = (int)Math.Sqrt(int.MaxValue / codes.Stride) - 127;
    }

    /// <summary>16-bit numbers in the codes' steps, padded with zeros. Valid as long as this object is reachable.</summary>
    public short* Code => (short*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_code));

    /// <summary>For the part of a code that a scan reads first.</summary>
    public (float Residual, float Error) FirstStageBound { get; private set; }

    /// <summary>For the whole code.</summary>
    public (float Residual, float Error) CodeBound { get; private set; }

    /// <summary>Codes a query; its bounds are not known until <see cref="FindBounds"/>.</summary>
    /// <param name="query">As <see cref="VectorRows.StoreQuery"/> stores it.</param>
    public void Encode(float* query)
    {
        Projection projection = _codes.Projection;
        float* vector = _scratch.Vector.Pointer, numbers = _scratch.Numbers.Pointer;
        Lift(query, _scratch.Vector.Span);
        projection.Center(vector);
        projection.Project(vector, numbers);
        short* code = Code;
        Vector256<float> perStep = Vector256.Create(1 / _codes.Step), largest = Vector256.Create((float)_largest);
        for (int i = 0; i < _scratch.Numbers.Span.Length; i += Vector256<float>.Count)
        {
            Vector256<float> steps = Vector256.Load(numbers + i) * perStep;
            Vector256<int> rounded = Vector256.ConvertToInt32(Vector256.Round(Vector256.Max(Vector256.Min(steps, largest), -largest)));
            Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(code + i);
        }
    }

    /// <summary>Finds out what the code leaves unsaid of its query, which a proven rejection needs and a walk does not.</summary>
    public void FindBounds()
    {
        Projection projection = _codes.Projection;
        ReadOnlySpan<float> numbers = _scratch.Numbers.Span;
        double squares = VectorRows.SumOfSquares(_scratch.Vector.Span), kept = 0, lost = 0;
        for (int i = 0; i < projection.CodeDimensions; i++)
        {
            if (i == projection.FirstStageDimensions)
            {
                FirstStageBound = ScalarQuantizedCodes.BoundOf(projection, i, squares, kept, lost);
            }

            double difference = numbers[i] - ((double)_code[i] * _codes.Step);
            kept += (double)numbers[i] * numbers[i];
            lost += difference * difference;
        }

        CodeBound = ScalarQuantizedCodes.BoundOf(projection, projection.CodeDimensions, squares, kept, lost);
        if (!_codes.HasSecondStage)
        {
            FirstStageBound = CodeBound;
        }
    }

    /// <summary>
    /// How far apart, in the projection's units, the query and a row can be at most if the search computes at most this distance for them.
    /// Never too small, whatever was rounded on the way.
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
                // Squares below the smallest number vanish.
                radius = distance < 0 ? 0 : (distance * (1 + rounding)) + (Math.Sqrt(projection.Dimensions) * 1e-22);
                break;
            case Metric.Cosine:
                // |a - b|² = 2 (1 - ab) for rows of length one, and 1 where one of them is zero and the distance is said to be 1.
                radius = Math.Sqrt(2 * (Math.Max(0, distance) + (2 * rounding)));
                break;
            default:
                // |q - x|² = M² + M² - 2 qx, the query scaled to length M as well. Products below the smallest number vanish.
                double length = projection.MaxNorm;
                radius = Math.Sqrt(Math.Max(0, (2 * length * length * (1 + (2 * rounding))) + (2 * _scale * (distance + (projection.Dimensions * 1e-44)))));
                break;
        }

        return (float)(radius * projection.Scale * 1.000001);
    }

    private void Lift(float* query, Span<float> lifted)
    {
        var vector = new ReadOnlySpan<float>(query, _rows.Dimensions);
        lifted[vector.Length..].Clear();
        vector.CopyTo(lifted);
        if (_rows.Metric == Metric.InnerProduct)
        {
            double length = Math.Sqrt(VectorRows.SumOfSquares(vector));
            _scale = length > 0 ? _codes.Projection.MaxNorm / length : 0;
            for (int i = 0; i < vector.Length; i++)
            {
                lifted[i] = (float)(vector[i] * _scale);
            }
        }
    }
}
