namespace SimNet.Embeddings;

/// <summary>Transforms the coefficients of a progressive frame to samples, once all scans are decoded.</summary>
internal static class ProgressiveTransform
{
    /// <summary>Transforms all components, one row of MCUs after the other.</summary>
    /// <param name="frame">The frame, whose components have coefficients.</param>
    /// <param name="pixels">Receives each row of MCUs.</param>
    public static void Run(JpegFrame frame, JpegPixels pixels)
    {
        foreach (JpegComponent component in frame.Components)
        {
            if (component.BlockSize > 0)
            {
                component.RentSamples(isStreamed: true);
            }
        }

        for (int mcuRow = 0; mcuRow < frame.McusHigh; mcuRow++)
        {
            foreach (JpegComponent component in frame.Components)
            {
                // A component without any scan stays gray.
                if (component.BlockSize > 0 && component.HasStarted)
                {
                    int end = Math.Min((mcuRow + 1) * component.VerticalSampling, component.BlocksHigh);
                    for (int row = mcuRow * component.VerticalSampling; row < end; row++)
                    {
                        TransformRow(component, row);
                    }
                }
            }

            pixels.CompleteMcuRow(mcuRow, isInterleaved: true);
        }
    }

    private static void TransformRow(JpegComponent component, int row)
    {
        CoefficientBlock block = default;
        ReadOnlySpan<ushort> quantization = component.Quantization;
        ReadOnlySpan<byte> naturalOrder = Zigzag.NaturalOrder;
        for (int column = 0; column < component.BlocksWide; column++)
        {
            ReadOnlySpan<short> coefficients = component.Block(row, column);
            int last = coefficients.LastIndexOfAnyExcept((short)0);
            if (last <= 0)
            {
                BlockTransform.StoreDc(coefficients[0] * quantization[0], component, row, column);
                continue;
            }

            for (int k = 0; k <= last; k++)
            {
                block[naturalOrder[k]] = coefficients[k] * quantization[k];
            }

            BlockTransform.Store(block, component, row, column);
            block = default;
        }
    }
}
