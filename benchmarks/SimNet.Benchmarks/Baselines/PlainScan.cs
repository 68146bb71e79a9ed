using System.Numerics.Tensors;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>A scan without an index: the distance to every row, by <see cref="TensorPrimitives"/>.</summary>
internal sealed class PlainScan(VectorSet data) : IMeasuredIndex
{
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> results, int effort)
    {
        var nearest = new NeighborHeap(results);
        for (int row = 0; row < data.Count; row++)
        {
            nearest.Offer(row, TensorPrimitives.Distance(query, data.Row(row)));
        }

        return nearest.Sort();
    }

    public long? FileBytes() => (long)data.Rows.Length * sizeof(float);

    public void Dispose()
    {
    }
}
