namespace SimNet.Embeddings;

/// <summary>Transforms the coefficients of a progressive frame to samples, once all scans are decoded.</summary>
internal static class ProgressiveTransform
{
    /// <summary>Fills the component's samples and returns the memory of its coefficients.</summary>
    public static void Run(JpegComponent component)
    {
        component.RentSamples();
        CoefficientBlock block = default;
        ReadOnlySpan<ushort> quantization = component.Quantization;
        ReadOnlySpan<byte> naturalOrder = Zigzag.NaturalOrder;
        int stride = component.Stride;
        for (int y = 0; y < component.BlocksHigh; y++)
        {
            for (int x = 0; x < component.BlocksWide; x++)
            {
                ReadOnlySpan<short> coefficients = component.Coefficients.AsSpan((y * component.StoredBlocksWide + x) * 64, 64);
                Span<byte> samples = component.Samples.AsSpan(y * 8 * stride + x * 8, 7 * stride + 8);
                int last = coefficients.LastIndexOfAnyExcept((short)0);
                if (last <= 0)
                {
                    InverseDct.TransformDcOnly(coefficients[0] * quantization[0], samples, stride);
                    continue;
                }

                for (int k = 0; k <= last; k++)
                {
                    block[naturalOrder[k]] = coefficients[k] * quantization[k];
                }

                InverseDct.Transform(block, samples, stride);
                block = default;
            }
        }

        component.ReturnCoefficients();
    }
}
