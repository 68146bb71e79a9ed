namespace SimNet.Index;

/// <summary>A metric as a type, so that the loops over rows are compiled for each metric with the kernel inlined.</summary>
internal unsafe interface IDistance
{
    /// <summary>
    /// Computes the distance that a search reports. Both vectors are in the form of <see cref="VectorRows"/>: padded with zeros to
    /// <paramref name="stride"/> and, for cosine, normalized.
    /// </summary>
    static abstract float Compute(float* query, float* row, int stride);
}
