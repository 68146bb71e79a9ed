namespace SimNet.Compute;

/// <summary>The width of the vectors that <see cref="ManagedBackend"/> uses.</summary>
public enum VectorWidth
{
    /// <summary>The greatest width that the processor supports.</summary>
    Auto,

    /// <summary>512 bits (AVX-512).</summary>
    Bits512,

    /// <summary>256 bits (AVX2).</summary>
    Bits256,

    /// <summary>128 bits (SSE, NEON).</summary>
    Bits128,

    /// <summary>No vectors: the reference that the other widths are tested against.</summary>
    Scalar,
}
