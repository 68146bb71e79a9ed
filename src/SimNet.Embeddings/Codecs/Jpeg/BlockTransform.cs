namespace SimNet.Embeddings;

/// <summary>Transforms a block to samples of the size that is wanted, and stores them at its place in the component.</summary>
internal static class BlockTransform
{
    /// <summary>Stores a block of dequantized coefficients.</summary>
    public static void Store(ReadOnlySpan<int> coefficients, JpegComponent component, int row, int column)
    {
        Span<byte> samples = Place(component, row, column);
        switch (component.BlockSize)
        {
            case 8:
                InverseDct.Transform(coefficients, samples, component.Stride);
                break;
            case 4:
                ReducedInverseDct.Transform4(coefficients, samples, component.Stride, VectorSupport.IntegerBits);
                break;
            case 2:
                ReducedInverseDct.Transform2(coefficients, samples, component.Stride, VectorSupport.IntegerBits);
                break;
            default:
                samples[0] = InverseDct.DcSample(coefficients[0]);
                break;
        }
    }

    /// <summary>Stores a block that has only a dequantized DC coefficient: all samples are equal.</summary>
    public static void StoreDc(int coefficient, JpegComponent component, int row, int column)
    {
        Span<byte> samples = Place(component, row, column);
        if (component.BlockSize == 8)
        {
            InverseDct.TransformDcOnly(coefficient, samples, component.Stride);
            return;
        }

        byte sample = InverseDct.DcSample(coefficient);
        for (int y = 0; y < component.BlockSize; y++)
        {
            samples.Slice(y * component.Stride, component.BlockSize).Fill(sample);
        }
    }

    private static Span<byte> Place(JpegComponent component, int row, int column)
    {
        int size = component.BlockSize;
        int stride = component.Stride;
        return component.Samples.AsSpan(row * size % component.StoredRows * stride + column * size, (size - 1) * stride + size);
    }
}
