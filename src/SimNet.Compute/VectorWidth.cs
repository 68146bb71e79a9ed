namespace SimNet.Compute;

/// <summary>The width of the vectors that <see cref="ManagedBackend"/> computes with.</summary>
public enum VectorWidth
{
    /// <summary>The widest that the processor runs in hardware.</summary>
    Auto,

    /// <summary>512 bits (AVX-512).</summary>
    Bits512,

    /// <summary>256 bits (AVX2).</summary>
    Bits256,

    /// <summary>128 bits (SSE, NEON).</summary>
    Bits128,

    /// <summary>One value at a time; the reference that the others are tested against.</summary>
    Scalar,
}
