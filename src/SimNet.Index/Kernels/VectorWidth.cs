namespace SimNet.Index;

/// <summary>Bits that a kernel works on at once; the tests force each of them.</summary>
internal enum VectorWidth
{
    Scalar = 0,
    Bits128 = 128,
    Bits256 = 256,
    Bits512 = 512,
}
