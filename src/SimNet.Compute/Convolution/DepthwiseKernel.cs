using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// The inner loops of depthwise convolutions and their weight gradients: vectors of channels, a few adjacent pixels at a time, so that
/// the weights of a tap are loaded once for all of them. Loads may read past the last channel of a pixel; those lanes are never stored.
/// </summary>
internal abstract unsafe class DepthwiseKernel
{
    /// <summary>Computes some pixels of one row: for each channel, the weighted sum over a window.</summary>
    public abstract void Row(in DepthwiseRow row);

    /// <summary>
    /// Accumulates the weight gradient of one row of kernel taps over one row of pixels: for each tap and channel, the sum of the products
    /// of the output gradients and the input values that the tap is applied to.
    /// </summary>
    /// <param name="values">The input value of the first tap at the first gradient.</param>
    /// <param name="tapStride">Distance from there to the input value of the next tap.</param>
    /// <param name="valueStride">Distance from there to the input value of the next gradient.</param>
    /// <param name="gradients">The output gradients.</param>
    /// <param name="gradientStride">Distance between consecutive gradients.</param>
    /// <param name="count">Number of gradients.</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="sums">The sums of each tap: channels, rounded up to whole vectors.</param>
    /// <param name="sumStride">Distance between the sums of consecutive taps.</param>
    public abstract void AddProducts(
        float* values,
        nint tapStride,
        nint valueStride,
        float* gradients,
        nint gradientStride,
        int count,
        int channels,
        int taps,
        float* sums,
        nint sumStride);
}

/// <summary><see cref="DepthwiseKernel"/> at one vector width.</summary>
[SkipLocalsInit]
internal sealed unsafe class DepthwiseKernel<TSimd, TVector> : DepthwiseKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private const int MaxColumns = 8;

    public override void Row(in DepthwiseRow row)
    {
        int tiles = (row.Count + MaxColumns - 1) / MaxColumns;
        int column = 0;
        for (int tile = 0; tile < tiles; tile++)
        {
            int columns = (row.Count - column) / (tiles - tile);
            switch (columns)
            {
                case 8: Channels<TileSize8>(row, column); break;
                case 7: Channels<TileSize7>(row, column); break;
                case 6: Channels<TileSize6>(row, column); break;
                case 5: Channels<TileSize5>(row, column); break;
                case 4: Channels<TileSize4>(row, column); break;
                case 3: Channels<TileSize3>(row, column); break;
                case 2: Channels<TileSize2>(row, column); break;
                default: Channels<TileSize1>(row, column); break;
            }

            column += columns;
        }
    }

    public override void AddProducts(
        float* values,
        nint tapStride,
        nint valueStride,
        float* gradients,
        nint gradientStride,
        int count,
        int channels,
        int taps,
        float* sums,
        nint sumStride)
    {
        for (int tap = 0; tap < taps; tap += 4)
        {
            for (int c = 0; c < channels; c += TSimd.Count)
            {
                float* from = values + tap * tapStride + c;
                float* to = sums + tap * sumStride + c;
                switch (taps - tap)
                {
                    case 1: Products<TileSize1>(from, tapStride, valueStride, gradients + c, gradientStride, count, to, sumStride); break;
                    case 2: Products<TileSize2>(from, tapStride, valueStride, gradients + c, gradientStride, count, to, sumStride); break;
                    case 3: Products<TileSize3>(from, tapStride, valueStride, gradients + c, gradientStride, count, to, sumStride); break;
                    default: Products<TileSize4>(from, tapStride, valueStride, gradients + c, gradientStride, count, to, sumStride); break;
                }
            }
        }
    }

    /// <summary>All channels of up to eight pixels.</summary>
    private static void Channels<TColumns>(in DepthwiseRow row, int column)
        where TColumns : struct, ITileSize
    {
        float* results = stackalloc float[MaxColumns * 16];
        for (int c = 0; c < row.Channels; c += TSimd.Count)
        {
            Tile<TColumns>(row, column, c, results);
            float* target = row.Target + column * row.TargetStep + c;
            int count = Math.Min(TSimd.Count, row.Channels - c);
            if (row.Epilogue.IsExponential)
            {
                FinishExponential(row, TColumns.Value, results, target, count);
                continue;
            }

            for (int i = 0; i < TColumns.Value; i++)
            {
                float* from = results + i * TSimd.Count;
                Write(row.Epilogue.Apply<TSimd, TVector>(target, TSimd.Load(from)), target, count, from);
                target += row.TargetStep;
            }
        }
    }

    /// <summary>Applies an exponential epilogue and stores the results. Not inlined, since the code of the exponential is long.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FinishExponential(in DepthwiseRow row, int columns, float* results, float* target, int count)
    {
        Epilogue epilogue = row.Epilogue;
        for (int i = 0; i < columns; i++)
        {
            float* from = results + i * TSimd.Count;
            Write(epilogue.ApplyExponential<TSimd, TVector>(target, TSimd.Load(from)), target, count, from);
            target += row.TargetStep;
        }
    }

    /// <summary>
    /// Stores the first <paramref name="count"/> lanes of a vector, by way of <paramref name="buffer"/> if they are not all.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(TVector value, float* target, int count, float* buffer)
    {
        if (count == TSimd.Count)
        {
            TSimd.Store(value, target);
        }
        else
        {
            TSimd.Store(value, buffer);
            new ReadOnlySpan<float>(buffer, count).CopyTo(new Span<float>(target, count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TColumns>(in DepthwiseRow row, int column, int channel, float* results)
        where TColumns : struct, ITileSize
    {
        nint step = row.SourceStep;
        nint tapStep = row.TapStep;
        nint tapWeights = row.TapWeights;
        float* rowSource = row.Source + column * step + channel;
        float* rowWeights = row.Weights + channel;
        TVector c0 = row.Bias == null ? default : TSimd.Load(row.Bias + channel);
        TVector c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
        for (int y = row.Rows; y > 0; y--)
        {
            float* from = rowSource;
            float* weights = rowWeights;
            for (int x = row.Taps; x > 0; x--)
            {
                TVector weight = TSimd.Load(weights);
                c0 = TSimd.MultiplyAdd(TSimd.Load(from), weight, c0);
                c1 = TColumns.Value > 1 ? TSimd.MultiplyAdd(TSimd.Load(from + step), weight, c1) : c1;
                c2 = TColumns.Value > 2 ? TSimd.MultiplyAdd(TSimd.Load(from + 2 * step), weight, c2) : c2;
                c3 = TColumns.Value > 3 ? TSimd.MultiplyAdd(TSimd.Load(from + 3 * step), weight, c3) : c3;
                c4 = TColumns.Value > 4 ? TSimd.MultiplyAdd(TSimd.Load(from + 4 * step), weight, c4) : c4;
                c5 = TColumns.Value > 5 ? TSimd.MultiplyAdd(TSimd.Load(from + 5 * step), weight, c5) : c5;
                c6 = TColumns.Value > 6 ? TSimd.MultiplyAdd(TSimd.Load(from + 6 * step), weight, c6) : c6;
                c7 = TColumns.Value > 7 ? TSimd.MultiplyAdd(TSimd.Load(from + 7 * step), weight, c7) : c7;
                from += tapStep;
                weights += tapWeights;
            }

            rowSource += row.RowStep;
            rowWeights += row.RowWeights;
        }

        Store<TColumns>(results, 0, c0);
        Store<TColumns>(results, 1, c1);
        Store<TColumns>(results, 2, c2);
        Store<TColumns>(results, 3, c3);
        Store<TColumns>(results, 4, c4);
        Store<TColumns>(results, 5, c5);
        Store<TColumns>(results, 6, c6);
        Store<TColumns>(results, 7, c7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TColumns>(float* results, int number, TVector value)
        where TColumns : struct, ITileSize
    {
        if (TColumns.Value > number)
        {
            TSimd.Store(value, results + number * TSimd.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Products<TTaps>(
        float* values, nint tapStride, nint valueStride, float* gradients, nint gradientStride, int count, float* sums, nint sumStride)
        where TTaps : struct, ITileSize
    {
        TVector s0 = TSimd.Load(sums);
        TVector s1 = TTaps.Value > 1 ? TSimd.Load(sums + sumStride) : default;
        TVector s2 = TTaps.Value > 2 ? TSimd.Load(sums + 2 * sumStride) : default;
        TVector s3 = TTaps.Value > 3 ? TSimd.Load(sums + 3 * sumStride) : default;
        for (int i = count; i > 0; i--)
        {
            TVector gradient = TSimd.Load(gradients);
            s0 = TSimd.MultiplyAdd(TSimd.Load(values), gradient, s0);
            s1 = TTaps.Value > 1 ? TSimd.MultiplyAdd(TSimd.Load(values + tapStride), gradient, s1) : s1;
            s2 = TTaps.Value > 2 ? TSimd.MultiplyAdd(TSimd.Load(values + 2 * tapStride), gradient, s2) : s2;
            s3 = TTaps.Value > 3 ? TSimd.MultiplyAdd(TSimd.Load(values + 3 * tapStride), gradient, s3) : s3;
            values += valueStride;
            gradients += gradientStride;
        }

        TSimd.Store(s0, sums);
        if (TTaps.Value > 1)
        {
            TSimd.Store(s1, sums + sumStride);
        }

        if (TTaps.Value > 2)
        {
            TSimd.Store(s2, sums + 2 * sumStride);
        }

        if (TTaps.Value > 3)
        {
            TSimd.Store(s3, sums + 3 * sumStride);
        }
    }
}
