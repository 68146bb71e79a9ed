namespace SimNet.Compute;

/// <summary>
/// Converts one sample between the layout of the API (channels first, NCHW) and that of the kernels (channels last, NHWC).
/// </summary>
internal static unsafe class TensorLayout
{
    /// <summary>Converts a sample to channels last.</summary>
    public static void ToChannelsLast(Shape shape, float* source, float* target)
        => Transpose(source, shape.Channels, shape.Height * shape.Width, target);

    /// <summary>Converts a sample to channels first.</summary>
    public static void ToChannelsFirst(Shape shape, float* source, float* target)
        => Transpose(source, shape.Height * shape.Width, shape.Channels, target);

    /// <summary>Copies a range of channels of every pixel; the strides are the distances between consecutive pixels, in values.</summary>
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

        // Blocked, so that the strided side stays in the L1 cache.
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
