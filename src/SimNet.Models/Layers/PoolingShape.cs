namespace SimNet.Models;

/// <summary>Computes the stride and the output shape of pooling layers.</summary>
internal static class PoolingShape
{
    public static Size2d EffectiveStride(Size2d kernel, Size2d stride)
        => new(stride.Height == 0 ? kernel.Height : stride.Height, stride.Width == 0 ? kernel.Width : stride.Width);

    public static Shape InferShape(Layer layer, Shape input, Size2d kernel, Size2d stride, Padding2d padding, bool ceilMode)
    {
        Size2d step = EffectiveStride(kernel, stride);
        LayerValidation.RequireWindow(layer, kernel, step, padding, dilation: 1);

        // A window entirely inside the padding would have no value.
        LayerValidation.RequireInRange(layer, "Padding", Math.Max(padding.Top, padding.Bottom), 0, kernel.Height - 1);
        LayerValidation.RequireInRange(layer, "Padding", Math.Max(padding.Left, padding.Right), 0, kernel.Width - 1);
        return new Shape(
            input.Channels,
            Windows(input.Height, padding.Top, padding.Bottom, kernel.Height, step.Height),
            Windows(input.Width, padding.Left, padding.Right, kernel.Width, step.Width));

        int Windows(int size, int before, int after, int window, int by)
        {
            int free = checked(size + before + after - window + (ceilMode ? by - 1 : 0));
            int windows = free >= 0 ? free / by + 1
                : throw new ArgumentException(
                    $"Layer '{layer.Name}' ({layer.Kind}): the {kernel} window is larger than the padded input {input}.", nameof(input));

            // Drops a last window that would start past the input.
            return ceilMode && (long)(windows - 1) * by >= (long)size + before ? windows - 1 : windows;
        }
    }
}
