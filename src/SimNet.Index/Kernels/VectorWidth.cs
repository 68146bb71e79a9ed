namespace SimNet.Index;

/// <summary>The number of bits that a kernel processes at once. The tests force each width.</summary>
internal enum VectorWidth
{
    Scalar = 0,
    Bits128 = 128,
    Bits256 = 256,
    Bits512 = 512,
}
