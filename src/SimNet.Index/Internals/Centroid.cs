using System.Numerics.Tensors;

namespace SimNet.Index;

/// <summary>
/// A running mean of rows, with the coordinate more that <see cref="ForestBuilder"/> may give them. Each step rounds number by number, so
/// it gives the same bits at every vector width.
/// </summary>
internal sealed unsafe class Centroid(int stride)
{
    private readonly VectorBuffer _mean = new(stride);
    private readonly float[] _step = new float[stride];

    public int Count { get; private set; }

    public float Extra { get; private set; }

    /// <summary>As <see cref="VectorBuffer.Pointer"/>.</summary>
    public float* Pointer => _mean.Pointer;

    public void Start(float* row, float extra)
    {
        new ReadOnlySpan<float>(row, stride).CopyTo(_mean.Span);
        Extra = extra;
        Count = 1;
    }

    public void Add(float* row, float extra)
    {
        Count++;
        float weight = 1f / Count;
        TensorPrimitives.Subtract(new ReadOnlySpan<float>(row, stride), _mean.Span, _step);
        TensorPrimitives.Multiply(_step, weight, _step);
        TensorPrimitives.Add(_mean.Span, _step, _mean.Span);
        Extra += (extra - Extra) * weight;
    }

    public float SquaredDistance(float* row, float extra)
    {
        float difference = Extra - extra;
        return SquaredDistanceKernel.Compute(_mean.Pointer, row, stride) + (difference * difference);
    }

    /// <summary>Scales to length one; a mean of zero stays.</summary>
    public void Normalize()
    {
        double length = Math.Sqrt(VectorRows.SumOfSquares(_mean.Span) + ((double)Extra * Extra));
        if (length == 0)
        {
            return;
        }

        foreach (ref float number in _mean.Span)
        {
            number = (float)(number / length);
        }

        Extra = (float)(Extra / length);
    }
}
