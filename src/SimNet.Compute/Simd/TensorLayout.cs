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

    /// <summary>Interleaves the groups of channels of every pixel: channel i of group g becomes channel i * groups + g.</summary>
    public static void ShuffleChannels(float* source, float* target, int channels, int groups, int pixels)
    {
        for (int i = 0; i < pixels; i++)
        {
            // A group of n channels is a row of n columns.
            Transpose(source, groups, channels / groups, target);
            source += channels;
            target += channels;
        }
    }

    /// <summary>Copies the part that a slice selects; <paramref name="from"/> and <paramref name="to"/> are the shapes.</summary>
    public static void CopySlice(Slice slice, Shape from, Shape to, float* source, float* target)
    {
        for (int row = 0; row < to.Height; row++)
        {
            CopyChannels(
                source + SliceStart(slice, from, row),
                slice.Step.Width * from.Channels,
                target + ((nint)row * to.Width * to.Channels),
                to.Channels,
                to.Channels,
                to.Width);
        }
    }

    /// <summary>Copies a slice to its place in a feature map and sets the rest of that to 0.</summary>
    public static void SpreadSlice(Slice slice, Shape from, Shape to, float* source, float* target)
    {
        new Span<float>(target, from.Length).Clear();
        for (int row = 0; row < to.Height; row++)
        {
            CopyChannels(
                source + ((nint)row * to.Width * to.Channels),
                to.Channels,
                target + SliceStart(slice, from, row),
                slice.Step.Width * from.Channels,
                to.Channels,
                to.Width);
        }
    }

    /// <summary>The index of the first value of a row of a slice.</summary>
    private static nint SliceStart(Slice slice, Shape from, int row) =>
        (((nint)(slice.Crop.Top + (row * slice.Step.Height)) * from.Width) + slice.Crop.Left) * from.Channels + slice.FirstChannel;

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
