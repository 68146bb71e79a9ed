namespace SimNet.Index;

/// <summary>A max-heap in a span that keeps the positions of the smallest estimates.</summary>
internal ref struct EstimateHeap(Span<(float Estimate, int Position)> items)
{
    private readonly Span<(float Estimate, int Position)> _items = items;

    public int Count { get; private set; }

    /// <summary>Estimates at or above this value are not kept.</summary>
    public readonly float Limit =>
        Count < _items.Length ? float.PositiveInfinity : _items.IsEmpty ? float.NegativeInfinity : _items[0].Estimate;

    public void Offer(int position, float estimate)
    {
        if (Count < _items.Length)
        {
            int hole = Count++;
            while (hole > 0 && _items[(hole - 1) / 2].Estimate < estimate)
            {
                _items[hole] = _items[(hole - 1) / 2];
                hole = (hole - 1) / 2;
            }

            _items[hole] = (estimate, position);
        }
        else if (estimate < _items[0].Estimate)
        {
            int hole = 0;
            while ((2 * hole) + 1 is int child && child < Count)
            {
                if (child + 1 < Count && _items[child].Estimate < _items[child + 1].Estimate)
                {
                    child++;
                }

                if (_items[child].Estimate <= estimate)
                {
                    break;
                }

                _items[hole] = _items[child];
                hole = child;
            }

            _items[hole] = (estimate, position);
        }
    }
}
