namespace SimNet.Compute;

/// <summary>Average pooling of one channels-last sample. The values of a window are summed in row-major order.</summary>
internal abstract unsafe class AveragePoolKernel
{
    /// <summary>Computes a range of output rows. The pointers refer to the whole sample.</summary>
    public abstract void Forward(AveragePool2d layer, Shape input, Shape output, int firstRow, int endRow, float* values, float* result);

    /// <summary>Computes the gradient of the input; every value is written.</summary>
    public abstract void Backward(AveragePool2d layer, Shape input, Shape output, float* gradients, float* result);
}

/// <summary><see cref="AveragePoolKernel"/> at one vector width.</summary>
internal sealed unsafe class AveragePoolKernel<TSimd, TVector> : AveragePoolKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public override void Forward(AveragePool2d layer, Shape input, Shape output, int firstRow, int endRow, float* values, float* result)
    {
        (PoolAxis rows, PoolAxis columns) = PoolAxis.Of(input, layer.KernelSize, layer.EffectiveStride, layer.Padding);
        int channels = input.Channels;
        int rowStride = input.Width * channels;
        float* to = result + (nint)firstRow * output.Width * channels;
        for (int y = firstRow; y < endRow; y++)
        {
            (int top, int height) = rows.Window(y);
            for (int x = 0; x < output.Width; x++)
            {
                (int left, int width) = columns.Window(x);
                float weight = Weight(layer, rows, columns, y, x);
                float* window = values + (nint)top * rowStride + (nint)left * channels;
                int c = 0;
                for (; c + TSimd.Count <= channels; c += TSimd.Count)
                {
                    Average<TSimd, TVector>(window + c, height, width, rowStride, channels, weight, to + c);
                }

                for (; c < channels; c++)
                {
                    Average<SimdScalar, float>(window + c, height, width, rowStride, channels, weight, to + c);
                }

                to += channels;
            }
        }
    }

    public override void Backward(AveragePool2d layer, Shape input, Shape output, float* gradients, float* result)
    {
        (PoolAxis rows, PoolAxis columns) = PoolAxis.Of(input, layer.KernelSize, layer.EffectiveStride, layer.Padding);
        int channels = input.Channels;
        int rowStride = input.Width * channels;
        new Span<float>(result, input.Length).Clear();
        for (int y = 0; y < output.Height; y++)
        {
            (int top, int height) = rows.Window(y);
            for (int x = 0; x < output.Width; x++)
            {
                (int left, int width) = columns.Window(x);
                float weight = Weight(layer, rows, columns, y, x);
                float* window = result + (nint)top * rowStride + (nint)left * channels;
                int c = 0;
                for (; c + TSimd.Count <= channels; c += TSimd.Count)
                {
                    Spread<TSimd, TVector>(gradients + c, weight, height, width, rowStride, channels, window + c);
                }

                for (; c < channels; c++)
                {
                    Spread<SimdScalar, float>(gradients + c, weight, height, width, rowStride, channels, window + c);
                }

                gradients += channels;
            }
        }
    }

    /// <summary>The weight of each value in the mean of its window.</summary>
    private static float Weight(AveragePool2d layer, PoolAxis rows, PoolAxis columns, int y, int x) => 1f / (layer.CountIncludePadding
        ? rows.PaddedCount(y) * columns.PaddedCount(x)
        : rows.Window(y).Count * columns.Window(x).Count);

    private static void Average<TS, TV>(
        float* window, int rows, int columns, nint rowStride, nint columnStride, float weight, float* result)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV sum = default;
        for (int y = 0; y < rows; y++)
        {
            float* at = window + y * rowStride;
            for (int x = 0; x < columns; x++)
            {
                sum = TS.Add(sum, TS.Load(at));
                at += columnStride;
            }
        }

        TS.Store(TS.Multiply(sum, TS.Create(weight)), result);
    }

    private static void Spread<TS, TV>(
        float* gradient, float weight, int rows, int columns, nint rowStride, nint columnStride, float* window)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV part = TS.Multiply(TS.Load(gradient), TS.Create(weight));
        for (int y = 0; y < rows; y++)
        {
            float* at = window + y * rowStride;
            for (int x = 0; x < columns; x++)
            {
                TS.Store(TS.Add(TS.Load(at), part), at);
                at += columnStride;
            }
        }
    }
}
