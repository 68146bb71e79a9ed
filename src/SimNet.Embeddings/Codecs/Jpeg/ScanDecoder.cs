namespace SimNet.Embeddings;

/// <summary>Decodes the blocks of one kind of scan.</summary>
internal interface IBlockDecoder
{
    /// <summary>Decodes the next block of the scan.</summary>
    /// <param name="data">The entropy-coded data.</param>
    /// <param name="component">The component of the block.</param>
    /// <param name="row">The row of the block among the stored blocks of the component.</param>
    /// <param name="column">The column of the block.</param>
    void Decode(ref EntropyCodedData data, JpegComponent component, int row, int column);

    /// <summary>Fills a block of which there is no data.</summary>
    void Blank(JpegComponent component, int row, int column);

    /// <summary>Resets the state at a restart marker, except for the DC predictions.</summary>
    void Restart();
}

/// <summary>Decodes the blocks of a scan in coded order (ITU T.81, A.2).</summary>
internal static class ScanDecoder
{
    /// <summary>Decodes a scan.</summary>
    /// <param name="scan">The scan.</param>
    /// <param name="restartInterval">The number of MCUs between restart markers; 0 for none.</param>
    /// <param name="data">The entropy-coded data.</param>
    /// <param name="decoder">Decodes the blocks.</param>
    /// <param name="blemishes">Receives the blemishes.</param>
    /// <param name="pixels">Receives the samples of each row of MCUs; null if the image has more scans.</param>
    public static void Decode<TBlockDecoder>(
        JpegScan scan,
        int restartInterval,
        ref EntropyCodedData data,
        ref TBlockDecoder decoder,
        BlemishList blemishes,
        JpegPixels? pixels)
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
                        if (data.IsExhausted && !data.IsLostInterval)
                        {
                            blemishes.AddDamage(data.TakeTrouble(scan.Share(y)));
                        }
                    }

                    untilRestart--;
                }

                if (data.IsExhausted)
                {
                    DecodeMcu<TBlockDecoder, Blanking<TBlockDecoder>>(scan, x, y, ref data, ref decoder);
                    continue;
                }

                data.BeginMcu();
                DecodeMcu<TBlockDecoder, Decoding<TBlockDecoder>>(scan, x, y, ref data, ref decoder);
                if (data.IsInTrouble)
                {
                    HandleTrouble(scan, y, ref data, blemishes);
                }
                else
                {
                    scan.DecodedMcus++;
                }
            }

            pixels?.CompleteMcuRow(y, scan.IsInterleaved);
        }

        data.Finish();
        if (restartInterval > 0 && 2L * data.LostIntervals * restartInterval > (long)scan.McusWide * scan.McusHigh)
        {
            blemishes.AddDamage(new ImageFormatException(
                $"The image is damaged: {data.LostIntervals} of its restart intervals of {restartInterval} MCUs are lost, "
                + "because their markers are missing.",
                data.End));
        }
    }

    private static void HandleTrouble(JpegScan scan, int y, ref EntropyCodedData data, BlemishList blemishes)
    {
        if (data.IsPastEnd && data.IsLostInterval)
        {
            // The blemish is noted already.
            data.Exhaust();
            return;
        }

        blemishes.AddDamage(data.TakeTrouble(scan.Share(y)));
    }

    private static void DecodeMcu<TBlockDecoder, TAction>(
        JpegScan scan, int x, int y, ref EntropyCodedData data, ref TBlockDecoder decoder)
        where TBlockDecoder : struct, IBlockDecoder
        where TAction : struct, IBlockAction<TBlockDecoder>
    {
        if (!scan.IsInterleaved)
        {
            TAction.Run(ref decoder, ref data, scan.Components[0], y, x);
            return;
        }

        foreach (JpegComponent component in scan.Components)
        {
            for (int v = 0; v < component.VerticalSampling; v++)
            {
                for (int h = 0; h < component.HorizontalSampling; h++)
                {
                    TAction.Run(
                        ref decoder, ref data, component, y * component.VerticalSampling + v, x * component.HorizontalSampling + h);
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

    private interface IBlockAction<TBlockDecoder>
        where TBlockDecoder : struct, IBlockDecoder
    {
        static abstract void Run(ref TBlockDecoder decoder, ref EntropyCodedData data, JpegComponent component, int row, int column);
    }

    private readonly struct Decoding<TBlockDecoder> : IBlockAction<TBlockDecoder>
        where TBlockDecoder : struct, IBlockDecoder
    {
        public static void Run(ref TBlockDecoder decoder, ref EntropyCodedData data, JpegComponent component, int row, int column) =>
            decoder.Decode(ref data, component, row, column);
    }

    private readonly struct Blanking<TBlockDecoder> : IBlockAction<TBlockDecoder>
        where TBlockDecoder : struct, IBlockDecoder
    {
        public static void Run(ref TBlockDecoder decoder, ref EntropyCodedData data, JpegComponent component, int row, int column) =>
            decoder.Blank(component, row, column);
    }
}
