namespace SimNet.Compute;

/// <summary>
/// Max pooling of one channels-last sample. Of equal values, the first of the window in row-major order is the maximum; NaN counts as
/// greater than any number, as in PyTorch. The index of the maximum within its window is kept, as a float, for the backward pass. Only
/// the part of a window inside the input takes part.
/// </summary>
internal abstract unsafe class MaxPoolKernel
{
    /// <summary>
    /// Computes a range of output rows with the epilogue applied and, unless <paramref name="indices"/> is null, the indices of the maxima.
    /// The pointers refer to the whole sample.
    /// </summary>
    public abstract void Forward(
        MaxPool2d layer,
        Shape input,
        Shape output,
        int firstRow,
        int endRow,
        float* values,
        float* result,
        float* indices,
        in Epilogue epilogue);

    /// <summary>Computes the gradient of the input; every value is written.</summary>
    public abstract void Backward(MaxPool2d layer, Shape input, Shape output, float* indices, float* gradients, float* result);
}

/// <summary><see cref="MaxPoolKernel"/> at one vector width.</summary>
internal sealed unsafe class MaxPoolKernel<TSimd, TVector> : MaxPoolKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public override void Forward(
        MaxPool2d layer,
        Shape input,
        Shape output,
        int firstRow,
        int endRow,
        float* values,
        float* result,
        float* indices,
        in Epilogue epilogue)
    {
        int channels = input.Channels;
        (PoolAxis rowAxis, PoolAxis columnAxis) = PoolAxis.Of(input, layer.KernelSize, layer.EffectiveStride, layer.Padding);
        nint to = (nint)firstRow * output.Width * channels;
        for (int y = firstRow; y < endRow; y++)
        {
            (int top, int rows) = rowAxis.Window(y);
            for (int x = 0; x < output.Width; x++)
            {
                (int left, int columns) = columnAxis.Window(x);
                float* window = values + ((nint)top * input.Width + left) * channels;
                float* windowIndices = indices == null ? null : indices + to;
                int c = 0;
                for (; c + TSimd.Count <= channels; c += TSimd.Count)
                {
                    Window<TSimd, TVector>(
                        window + c,
                        rows,
                        columns,
                        input.Width * channels,
                        channels,
                        epilogue,
                        result + to + c,
                        windowIndices == null ? null : windowIndices + c);
                }

                for (; c < channels; c++)
                {
                    Window<SimdScalar, float>(
                        window + c,
                        rows,
                        columns,
                        input.Width * channels,
                        channels,
                        epilogue,
                        result + to + c,
                        windowIndices == null ? null : windowIndices + c);
                }

                to += channels;
            }
        }
    }

    public override void Backward(MaxPool2d layer, Shape input, Shape output, float* indices, float* gradients, float* result)
    {
        int channels = input.Channels;
        (PoolAxis rowAxis, PoolAxis columnAxis) = PoolAxis.Of(input, layer.KernelSize, layer.EffectiveStride, layer.Padding);
        bool overlap = rowAxis.Stride < rowAxis.Kernel || columnAxis.Stride < columnAxis.Kernel;
        bool covered = rowAxis.Tiles(output.Height) && columnAxis.Tiles(output.Width);
        if (!covered)
        {
            new Span<float>(result, input.Length).Clear();
        }

        nint from = 0;
        for (int y = 0; y < output.Height; y++)
        {
            (int top, int rows) = rowAxis.Window(y);
            for (int x = 0; x < output.Width; x++)
            {
                (int left, int columns) = columnAxis.Window(x);
                float* window = result + ((nint)top * input.Width + left) * channels;
                int c = 0;
                for (; c + TSimd.Count <= channels; c += TSimd.Count)
                {
                    WindowBackward<TSimd, TVector>(
                        indices + from + c, gradients + from + c, rows, columns, input.Width * channels, channels, overlap, window + c);
                }

                for (; c < channels; c++)
                {
                    WindowBackward<SimdScalar, float>(
                        indices + from + c, gradients + from + c, rows, columns, input.Width * channels, channels, overlap, window + c);
                }

                from += channels;
            }
        }
    }

    private static void Window<TS, TV>(
        float* window, int rows, int columns, nint rowStride, nint columnStride, in Epilogue epilogue, float* result, float* index)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV best = TS.Create(float.NegativeInfinity);
        TV position = default;
        float number = 0;
        for (int y = 0; y < rows; y++)
        {
            float* at = window + y * rowStride;
            for (int x = 0; x < columns; x++)
            {
                TV value = TS.Load(at);
                TV here = TS.Create(number);
                position = TS.SelectGreater(value, best, here, TS.SelectNaN(value, here, position));
                best = TS.SelectGreater(value, best, value, TS.SelectNaN(value, value, best));
                at += columnStride;
                number++;
            }
        }

        TS.Store(epilogue.Apply<TS, TV>(result, best), result);
        if (index != null)
        {
            TS.Store(position, index);
        }
    }

    private static void WindowBackward<TS, TV>(
        float* index, float* gradient, int rows, int columns, nint rowStride, nint columnStride, bool overlap, float* window)
        where TS : struct, ISimd<TV>
        where TV : struct
    {
        TV position = TS.Load(index);
        TV value = TS.Load(gradient);
        float number = 0;
        for (int y = 0; y < rows; y++)
        {
            float* at = window + y * rowStride;
            for (int x = 0; x < columns; x++)
            {
                TV part = TS.SelectEqual(position, TS.Create(number), value, default);
                TS.Store(overlap ? TS.Add(TS.Load(at), part) : part, at);
                at += columnStride;
                number++;
            }
        }
    }
}
