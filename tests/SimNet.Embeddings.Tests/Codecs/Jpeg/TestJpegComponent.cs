namespace SimNet.Embeddings.Tests;

/// <summary>A component to encode: its sampling factors, and its samples at its own size.</summary>
internal sealed record TestJpegComponent(int Id, int Horizontal, int Vertical, Func<int, int, double> Sample)
{
    /// <summary>The quantizer of all 64 coefficients.</summary>
    public int Quantizer { get; init; } = 3;
}
