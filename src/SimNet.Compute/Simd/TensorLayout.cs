namespace SimNet.Compute;

/// <summary>Between the callers' order (channel by channel, NCHW) and the kernels' (pixel by pixel, NHWC), one sample at a time.</summary>
internal static unsafe class TensorLayout
{
    public static void ToChannelsLast(Shape shape, float* source, float* target)
        => Transpose(source, shape.Channels, shape.Height * shape.Width, target);

    public static void ToChannelsFirst(Shape shape, float* source, float* target)
        => Transpose(source, shape.Height * shape.Width, shape.Channels, target);

    /// <summary>Copies some channels of every pixel; the strides are the values from one pixel to the next.</summary>
    public static void CopyChannels(float* source, int sourceStride, float* target, int targetStride, int channels, int pixels)
    {
        for (int i = 0; i < pixels; i++)
        {
            new ReadOnlySpan<float>(source, channels).CopyTo(new Span<float>(target, channels));
            source += sourceStride;
            target += targetStride;
        }
    }

    private static void Transpose(float* source, int rows, int columns, float* target)
    {
        if (rows == 1 || columns == 1)
        {
            new ReadOnlySpan<float>(source, rows * columns).CopyTo(new Span<float>(target, rows * columns));
            return;
        }

        // In blocks, so that the strided side stays in the first-level cache.
        const int Block = 16;
        for (int top = 0; top < rows; top += Block)
        {
            int bottom = Math.Min(top + Block, rows);
            for (int left = 0; left < columns; left += Block)
            {
                int right = Math.Min(left + Block, columns);
                for (int column = left; column < right; column++)
                {
                    for (int row = top; row < bottom; row++)
                    {
                        target[(nint)column * rows + row] = source[(nint)row * columns + column];
                    }
                }
            }
        }
    }
}
