using System.Runtime.CompilerServices;

namespace SimNet.Embeddings;

/// <summary>The 64 dequantized coefficients of a block, in natural order (row by row).</summary>
[InlineArray(64)]
internal struct CoefficientBlock
{
    private int _first;
}
