namespace SimNet.Index;

/// <summary>A metric as a type, so that the loops over rows are compiled for each metric with the kernel inlined.</summary>
internal unsafe interface IDistance
{
    /// <summary>
    /// The distance that a search reports. Both vectors are as <see cref="VectorRows"/> stores them: padded with zeros to
    /// <paramref name="stride"/> and, for cosine, normalised.
    /// </summary>
    static abstract float Compute(float* query, float* row, int stride);
}
