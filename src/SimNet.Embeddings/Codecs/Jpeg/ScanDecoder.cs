namespace SimNet.Embeddings;

/// <summary>Decodes the blocks of one kind of scan.</summary>
internal interface IBlockDecoder
{
    /// <summary>Decodes the next block of the scan.</summary>
    /// <param name="data">The entropy-coded data.</param>
    /// <param name="component">The component of the block.</param>
    /// <param name="block">The index of the block among the stored blocks of the component.</param>
    void Decode(ref EntropyCodedData data, JpegComponent component, int block);

    /// <summary>Resets the state at a restart marker, except for the DC predictions.</summary>
    void Restart();
}

/// <summary>Decodes the blocks of a scan in coded order (ITU T.81, A.2).</summary>
internal static class ScanDecoder
{
    public static void Decode<TBlockDecoder>(JpegScan scan, int restartInterval, ref EntropyCodedData data, ref TBlockDecoder decoder)
        where TBlockDecoder : struct, IBlockDecoder
    {
        Restart(scan, ref decoder);
        int untilRestart = restartInterval;
        for (int y = 0; y < scan.McusHigh; y++)
        {
            for (int x = 0; x < scan.McusWide; x++)
            {
                if (restartInterval > 0)
                {
                    if (untilRestart == 0)
                    {
                        data.Restart();
                        Restart(scan, ref decoder);
                        untilRestart = restartInterval;
                    }

                    untilRestart--;
                }

                if (scan.IsInterleaved)
                {
                    DecodeMcu(scan, x, y, ref data, ref decoder);
                }
                else
                {
                    JpegComponent component = scan.Components[0];
                    decoder.Decode(ref data, component, y * component.StoredBlocksWide + x);
                }
            }
        }
    }

    private static void DecodeMcu<TBlockDecoder>(JpegScan scan, int x, int y, ref EntropyCodedData data, ref TBlockDecoder decoder)
        where TBlockDecoder : struct, IBlockDecoder
    {
        foreach (JpegComponent component in scan.Components)
        {
            for (int v = 0; v < component.VerticalSampling; v++)
            {
                int row = (y * component.VerticalSampling + v) * component.StoredBlocksWide + x * component.HorizontalSampling;
                for (int h = 0; h < component.HorizontalSampling; h++)
                {
                    decoder.Decode(ref data, component, row + h);
                }
            }
        }
    }

    private static void Restart<TBlockDecoder>(JpegScan scan, ref TBlockDecoder decoder)
        where TBlockDecoder : struct, IBlockDecoder
    {
        decoder.Restart();
        foreach (JpegComponent component in scan.Components)
        {
            component.Prediction = 0;
        }
    }
}
