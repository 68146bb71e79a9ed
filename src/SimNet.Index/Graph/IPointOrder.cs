namespace SimNet.Index;

/// <summary>An order of rows by their distance from a query.</summary>
internal unsafe interface IPointOrder
{
    /// <summary>
    /// An integer of at least 0 for each row, in the order of the distances. Both vectors are padded with zeros to
    /// <paramref name="stride"/>.
    /// </summary>
    static abstract int Compute(float* query, float* row, int stride);

    /// <summary>As <see cref="IGraphPoints{TSelf}.Divide"/>.</summary>
    static abstract int Divide(int distance, double alpha);
}
