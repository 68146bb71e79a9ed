using System.Numerics.Tensors;

namespace SimNet.Index;

/// <summary>A running mean of points. All operations are component-wise, so the result has the same bits at every vector width.</summary>
internal sealed unsafe class Centroid(int stride)
{
    private readonly VectorBuffer _mean = new(stride);
    private readonly float[] _step = new float[stride];

    public int Count { get; private set; }

    /// <summary>Valid as described by <see cref="VectorBuffer.Pointer"/>.</summary>
    public float* Pointer => _mean.Pointer;

    public Span<float> Span => _mean.Span;

    public void Start(float* point)
    {
        new ReadOnlySpan<float>(point, stride).CopyTo(_mean.Span);
        Count = 1;
    }

    public void Add(float* point)
    {
        Count++;
        float weight = 1f / Count;
        TensorPrimitives.Subtract(new ReadOnlySpan<float>(point, stride), _mean.Span, _step);
        TensorPrimitives.Multiply(_step, weight, _step);
        TensorPrimitives.Add(_mean.Span, _step, _mean.Span);
    }

    public float SquaredDistance(float* point) => SquaredDistanceKernel.Compute(_mean.Pointer, point, stride);

    /// <summary>Scales the mean to unit length; a zero mean stays zero.</summary>
    public void Normalize()
    {
        double length = Math.Sqrt(VectorRows.SumOfSquares(_mean.Span));
        if (length == 0)
        {
            return;
        }

        foreach (ref float number in _mean.Span)
        {
            number = (float)(number / length);
        }
    }
}
